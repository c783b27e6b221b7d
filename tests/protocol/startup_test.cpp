#include "protocol/startup.h"

#include <gtest/gtest.h>

#include "tests/protocol/decode_case.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;
using testing_support::DecodeCase;
using testing_support::Judge;
using enum WireError;

class FirstPacketTest : public testing::TestWithParam<DecodeCase> {};

TEST_P(FirstPacketTest, GivesVerdict) {
  EXPECT_EQ(testing_support::judge_exactly(GetParam().judge, GetParam().body), GetParam().expected);
}

constexpr auto kOk = std::nullopt;
constexpr Judge first = testing_support::verdict_of<decode_first_packet>;

// What PostgreSQL 15 says to "malformed" ones: FATAL 08P01 "invalid startup packet layout: expected
// terminator as last byte", or "invalid length of startup packet".
// clang-format off
INSTANTIATE_TEST_SUITE_P(Packets, FirstPacketTest, testing::Values(
    DecodeCase{"ssl_request",         first, "\x04\xd2\x16\x2f"sv,                  kOk},
    DecodeCase{"ssl_request_more",    first, "\x04\xd2\x16\x2f\0"sv,                trailing_bytes},
    DecodeCase{"gss_request",         first, "\x04\xd2\x16\x30"sv,                  kOk},
    DecodeCase{"gss_request_more",    first, "\x04\xd2\x16\x30\0"sv,                trailing_bytes},
    DecodeCase{"cancel",              first, "\x04\xd2\x16\x2e\0\0\0\1abcd"sv,      kOk},
    DecodeCase{"cancel_long_key",     first, "\x04\xd2\x16\x2e\0\0\0\1abcdefgh"sv,  kOk},
    DecodeCase{"cancel_short_key",    first, "\x04\xd2\x16\x2e\0\0\0\1abc"sv,       truncated},
    DecodeCase{"cancel_no_key",       first, "\x04\xd2\x16\x2e\0\0\0\1"sv,          truncated},
    DecodeCase{"cancel_no_pid",       first, "\x04\xd2\x16\x2e"sv,                  truncated},
    DecodeCase{"startup",             first, "\0\3\0\0user\0ann\0\0"sv,             kOk},
    DecodeCase{"startup_3_2",         first, "\0\3\0\2user\0ann\0\0"sv,             kOk},
    DecodeCase{"startup_empty_value", first, "\0\3\0\0user\0\0\0"sv,                kOk},
    DecodeCase{"startup_no_names",    first, "\0\3\0\0\0"sv,                        kOk},
    DecodeCase{"startup_version_4",   first, "\0\4\0\0anything"sv,                  kOk},
    DecodeCase{"startup_version_2",   first, "\0\2\0\0"sv,                          kOk},
    DecodeCase{"unknown_request",     first, "\x04\xd2\x16\x31"sv,                  kOk},  // major 1234
    DecodeCase{"empty",               first, ""sv,                                  truncated},
    DecodeCase{"no_version",          first, "\0\3\0"sv,                            truncated},
    DecodeCase{"nothing_after",       first, "\0\3\0\0"sv,                          truncated},
    DecodeCase{"no_end_of_list",      first, "\0\3\0\0user\0ann\0"sv,               truncated},
    DecodeCase{"no_value",            first, "\0\3\0\0user\0"sv,                    truncated},
    DecodeCase{"value_unended",       first, "\0\3\0\0user\0ann"sv,                 truncated},
    DecodeCase{"hidden_after_end",    first, "\0\3\0\0user\0ann\0\0role\0adm\0\0"sv, trailing_bytes},
    DecodeCase{"zero_after_end",      first, "\0\3\0\0user\0ann\0\0\0"sv,           trailing_bytes}),
    testing_support::name_of);
// clang-format on

std::string startup_of_size(std::size_t size) {
  std::string body = "\0\3\0\0user\0"s;
  body.append(size - body.size() - 2, 'x');
  return body + "\0\0"s;
}

TEST(StartupTest, TakesNoMoreThanTheServer) {
  EXPECT_TRUE(decode_first_packet(startup_of_size(10000)));
  EXPECT_EQ(decode_first_packet(startup_of_size(10001)).error(), too_large);
}

TEST(StartupTest, KeepsParametersInOrderAndCountsTheLast) {
  const auto packet =
      decode_first_packet("\0\3\0\2user\0ann\0role\0r1\0user\0bob\0User\0eve\0options\0\0\0"sv).value();
  const auto& startup = std::get<StartupMessage>(packet);
  EXPECT_EQ(startup.major, 3);
  EXPECT_EQ(startup.minor, 2);
  EXPECT_EQ(startup.parameters.size(), 5u);
  EXPECT_EQ(startup.parameters[1], (std::pair<ByteView, ByteView>{"role", "r1"}));
  EXPECT_EQ(startup.get("user"), "bob");
  EXPECT_EQ(startup.get("database"), "");
  EXPECT_TRUE(startup.has("options"));
  EXPECT_FALSE(startup.has("database"));
}

TEST(StartupTest, OtherMajorVersionsAreNotTakenApart) {
  const auto packet = decode_first_packet("\0\2\0\0user\0ann\0\0"sv).value();
  EXPECT_EQ(std::get<StartupMessage>(packet).major, 2);
  EXPECT_TRUE(std::get<StartupMessage>(packet).parameters.empty());
}

TEST(CancelRequestTest, Fields) {
  struct Row {
    ByteView body, key;
  };
  for (const Row& row : {Row{"\x04\xd2\x16\x2e\xff\0\0\1abcd"sv, "abcd"sv},
                         Row{"\x04\xd2\x16\x2e\xff\0\0\1"
                             "abcd\0"sv,
                             "abcd"sv},  // node-postgres#963
                         Row{"\x04\xd2\x16\x2e\xff\0\0\1"
                             "abc\0"sv,
                             "abc\0"sv},
                         Row{"\x04\xd2\x16\x2e\xff\0\0\1"
                             "abcdefgh"sv,
                             "abcdefgh"sv}}) {
    const auto packet = decode_first_packet(row.body).value();
    EXPECT_EQ(std::get<CancelRequest>(packet).pid, 0xff000001u);
    EXPECT_EQ(std::get<CancelRequest>(packet).key, row.key);
  }
}

TEST(CancelRequestTest, KeyOfAtMost256Bytes) {
  const std::string head = "\x04\xd2\x16\x2e\0\0\0\1"s;
  EXPECT_TRUE(decode_first_packet(head + std::string(256, 'k')));
  EXPECT_EQ(decode_first_packet(head + std::string(257, 'k')).error(), trailing_bytes);
}

// A name or value with a zero byte inside would be read as further parameters.
TEST(EncodeStartupTest, CannotBeMadeToSmuggle) {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  for (const Parameters& parameters :
       {Parameters{{"user", "ann\0role\0admin"s}}, Parameters{{"us\0er"s, "ann"}}, Parameters{{"", "ann"}},
        Parameters{{"user", std::string(10000, 'x')}}}) {
    Bytes out = "before";
    EXPECT_FALSE(encode_startup(out, parameters));
    EXPECT_EQ(out, "before");
  }
}

TEST(EncodeStartupTest, FillsThePacketToTheLimit) {
  Bytes out;
  const std::string longest(10000 - 4 - 5 - 1 - 1, 'x');  // version, "user\0", the value's zero byte, the end
  EXPECT_TRUE(encode_startup(out, std::vector<std::pair<std::string, std::string>>{{"user", longest}}));
  EXPECT_EQ(out.size(), 10004u);
  EXPECT_TRUE(decode_first_packet(ByteView(out).substr(4)));
}

TEST(EncodeRequestTest, AreWhatTheManualSays) {
  Bytes out;
  encode_ssl_request(out);
  EXPECT_EQ(out, "\0\0\0\x08\x04\xd2\x16\x2f"sv);
  out.clear();
  EXPECT_TRUE(encode_cancel_request(out, 258, "abcd"));
  EXPECT_EQ(out,
            "\0\0\0\x10\x04\xd2\x16\x2e\0\0\1\2"
            "abcd"sv);
  EXPECT_FALSE(encode_cancel_request(out, 258, "abc"));
  EXPECT_FALSE(encode_cancel_request(out, 258, std::string(257, 'k')));
}

}  // namespace
}  // namespace pgward::protocol
