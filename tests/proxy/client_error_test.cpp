// An error has one way to a client: through the scrubber. Most of this is proved by what does not compile.
#include "proxy/session/client_error.h"

#include <gtest/gtest.h>

#include <concepts>

#include "protocol/error_response.h"
#include "protocol/ready_for_query.h"
#include "proxy/session/actions.h"
#include "proxy/session/error_back.h"

namespace pgward::proxy {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// What may be handed to a client, and what may not, as questions that the compiler answers.
template <class T>
concept Sendable = requires(Actions& actions, T value) { actions.send_to_client(std::move(value)); };
template <class T>
concept Forwardable = requires(Actions& actions, T value) { actions.forward_to_client(value); };
template <auto Encode, class... Args>
concept OwnEncoder = requires(Args... args) { own_message<Encode>(args...); };

static_assert(Sendable<ClientError> && Sendable<OwnMessage> && Forwardable<Passed>);
static_assert(!Sendable<Bytes> && !Sendable<ByteView> && !Sendable<const char*> && !Sendable<protocol::Fields>);
static_assert(!Forwardable<Bytes> && !Forwardable<ByteView> && !Forwardable<const char*>);
static_assert(!std::constructible_from<ToClient, ByteView> && !std::default_initializable<ToClient>);
static_assert(!std::constructible_from<Passed, ByteView> && !std::default_initializable<Passed>);
static_assert(!std::default_initializable<OwnMessage> && !std::constructible_from<OwnMessage, Bytes>);
static_assert(!OwnEncoder<protocol::encode_error, protocol::Fields> && !OwnEncoder<protocol::encode_notice, protocol::Fields>);
static_assert(Sendable<Trimmed> && !std::default_initializable<Trimmed> && !std::constructible_from<Trimmed, Bytes>);
static_assert(OwnEncoder<protocol::encode_command_complete, std::string_view>);

// A ClientError is made of what a Scrubber answered, or of a number of a table of ours with a name that was asked for.
using Type = ClientError::Type;
static_assert(std::constructible_from<ClientError, Type, rules::ScrubbedFields>);
static_assert(!std::constructible_from<ClientError, Type, protocol::Fields> && !std::constructible_from<ClientError, Type, Bytes>);
static_assert(!std::constructible_from<ClientError, Bytes> && !std::constructible_from<ClientError, std::string>);
static_assert(!std::constructible_from<ClientError, policy::Refusal, std::string> && !std::default_initializable<ClientError>);
static_assert(!std::constructible_from<ShownName, std::string> && !std::constructible_from<ShownName, std::string_view>);
template <class T>
concept Editable = requires(T& fields) { fields.fields().push_back({'M', "x"}); } || requires(T& fields) { fields.fields_; };
static_assert(!Editable<rules::ScrubbedFields>);

std::string message(char type, std::string_view body) {
  const auto length = body.size() + 4;
  std::string out(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift & 0xff);
  return out.append(body);
}

TEST(PassedTest, TakesWholeMessagesThatAreNoErrors) {
  EXPECT_TRUE(Passed::message(message('Z', "I")));
  EXPECT_FALSE(Passed::message(message('E', "MSmith\0\0"sv)));
  EXPECT_FALSE(Passed::message(message('N', "MSmith\0\0"sv)));
  EXPECT_FALSE(Passed::message(message('Z', "I") + message('E', "MSmith\0\0"sv)));
  EXPECT_FALSE(Passed::message(message('Z', "I").substr(0, 5)));
  EXPECT_FALSE(Passed::message(""));
  EXPECT_FALSE(Passed::message("Z\0\0\0\1I"sv));
}

TEST(PassedTest, ARunEndsInFrontOfAnError) {
  const std::string rows = message('D', "\0\0"sv) + message('D', "\0\0"sv);
  const std::string input = rows + message('E', "MSmith\0\0"sv) + rows;
  for (const char type : {'D', 'E'}) {
    ByteView left = input;
    std::uint64_t count = 9;
    const ByteView passed = Passed::run(type, left, count).bytes();
    EXPECT_EQ(passed, type == 'D' ? rows : "");
    EXPECT_EQ(count, type == 'D' ? 2u : 0u);
    EXPECT_EQ(passed.size() + left.size(), input.size());
  }
  ByteView error = ByteView(input).substr(rows.size());
  std::uint64_t count = 9;
  EXPECT_EQ(Passed::run('E', error, count).bytes(), "");
}

TEST(PassedTest, NoErrorPassesInPieces) {
  PassingMessage passing;
  EXPECT_FALSE(passing.begin({'E', 40}));
  EXPECT_FALSE(passing.begin({'N', 40}));
  EXPECT_FALSE(passing.begin({'D', 3}));
  EXPECT_FALSE(passing.under_way());
  ASSERT_TRUE(passing.begin({'D', 10}));
  const std::string input = message('D', "123456") + message('E', "MSmith\0\0"sv);
  std::string passed;
  for (std::size_t at = 0; at < input.size() && passing.under_way(); ++at) {
    ByteView byte = ByteView(input).substr(at, 1);
    passed += passing.take(byte).bytes();
  }
  EXPECT_EQ(passed, message('D', "123456"));
}

struct Two : rules::KnownNames {
  bool knows(rules::NameKind, std::string_view name) const override { return name == "clinic" || name == "patients"; }
};

std::string text_of_message(const ClientError& error) {
  const auto fields = protocol::decode_fields(error.bytes().substr(5)).value();
  return std::string(protocol::field(fields, 'M'));
}

TEST(ClientErrorTest, ARefusalShowsNamesThatAreKnownOnly) {
  const rules::Scrubber scrubber;
  const auto shown = [&](std::string_view name) {
    const std::string text = text_of_message({policy::Refusal::not_supported, ShownName(name, scrubber, Two{})});
    const auto colon = text.find(": ");
    return colon == text.npos ? "" : text.substr(colon + 2);
  };
  EXPECT_EQ(shown("clinic.patients"), "clinic.patients");
  EXPECT_EQ(shown("clinic.smith_john_1234567"), "clinic.[removed]");
  EXPECT_EQ(shown("Smith, John"), "[removed]");
  EXPECT_EQ(shown("clinic.patients.Smith, John"), "clinic.patients.[removed]");
  EXPECT_EQ(shown("pg_catalog.pg_read_file"), "pg_catalog.pg_read_file");
  EXPECT_EQ(shown("pg_catalog.@>"), "pg_catalog.@>");
  EXPECT_EQ(shown("Smith.@>"), "[removed].@>");
  EXPECT_EQ(shown("@>"), "@>");
  EXPECT_EQ(shown(""), "");
}

TEST(ClientErrorTest, ASettingIsShownAsWeSpellIt) {
  policy::Policy policy;
  policy.tenant.emplace_back().setting = "app.Clinic";
  const auto shown = [&](std::string_view written) { return ShownName::of_setting(written, policy).text(); };
  EXPECT_EQ(shown("ROW_security"), "row_security");
  EXPECT_EQ(shown("APP.clinic"), "app.Clinic");
  EXPECT_EQ(shown("options"), "options");
  EXPECT_EQ(shown("Smith, John"), "");
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(text_of_message(ClientError(ShownName::of_setting("Smith", policy))), "a startup parameter is not allowed by the policy");
}

TEST(ClientErrorTest, AMovedPositionIsANumber) {
  const rules::Scrubber scrubber;
  auto fields = scrubber.scrub({{'S', "ERROR"}, {'C', "42601"}, {'M', "x"}, {'P', "7"}, {'P', "8"}}, NoNames{});
  fields.move_position(3);
  EXPECT_EQ(protocol::field(fields.fields(), 'P'), "3");
  fields.move_position(0);
  EXPECT_EQ(protocol::field(fields.fields(), 'P'), "");
}

// What decodes to nothing, or to something with our marker, still goes out as an error of ours.
TEST(ClientErrorTest, AnUnreadableErrorSaysNothing) {
  const rules::Scrubber scrubber;
  for (const std::string& body : {"MSmith"s, "\1"s, ""s, std::string(100, 'M')}) {
    const auto back = error_back(Type::error, body, nullptr, Caller{}, scrubber, NoNames{}, {});
    EXPECT_EQ(back.sqlstate, "XX000") << body;
    EXPECT_EQ(std::string(back.message.bytes()).find("Smith"), std::string::npos);
    EXPECT_EQ(back.message.bytes()[0], 'E');
  }
}

}  // namespace
}  // namespace pgward::proxy
