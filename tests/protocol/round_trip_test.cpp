// What we say, we also understand; and it is a frame.
#include <gtest/gtest.h>

#include "protocol/frame.h"
#include "protocol/startup.h"
#include "tests/protocol/decode_case.h"

namespace pgward::protocol {
namespace {

using namespace std::literals;

// The body of the one frame in `bytes`.
ByteView body_of(const Bytes& bytes, char type) {
  const auto header = peek_frame(bytes);
  EXPECT_TRUE(header);
  EXPECT_EQ(header->type, type);
  EXPECT_EQ(header->frame_bytes(), bytes.size());
  return ByteView(bytes).substr(5);
}

TEST(RoundTripTest, Startup) {
  const std::vector<std::pair<std::string, std::string>> parameters{{"user", "ann"},
                                                                    {"application_name", ""}};
  Bytes out;
  EXPECT_TRUE(encode_startup(out, parameters));
  const auto packet = decode_first_packet(ByteView(out).substr(4)).value();
  const auto& startup = std::get<StartupMessage>(packet);
  EXPECT_EQ(startup.major, 3);
  EXPECT_EQ(startup.minor, 0);
  EXPECT_EQ(startup.get("user"), "ann");
  EXPECT_TRUE(startup.has("application_name"));
}

TEST(RoundTripTest, CancelRequest) {
  const std::string key(32, 'k');
  Bytes out;
  EXPECT_TRUE(encode_cancel_request(out, 77, key));
  const auto packet = decode_first_packet(ByteView(out).substr(4)).value();
  EXPECT_EQ(std::get<CancelRequest>(packet).pid, 77u);
  EXPECT_EQ(std::get<CancelRequest>(packet).key, key);
}

TEST(RoundTripTest, QueryAndParse) {
  Bytes query;
  EXPECT_TRUE(encode_query(query, "select 'J\u00f3'"));
  EXPECT_EQ(decode_query(body_of(query, 'Q')).value().sql, "select 'J\u00f3'");

  Bytes parse;
  const std::vector<std::uint32_t> types{23, 0, 0xffffffff};
  EXPECT_TRUE(encode_parse(parse, "s1", "select $1", types));
  const Parse decoded = decode_parse(body_of(parse, 'P')).value();
  EXPECT_EQ(decoded.name, "s1");
  EXPECT_EQ(decoded.sql, "select $1");
  EXPECT_EQ(decoded.parameter_types, types);
}

// A statement cut at its zero byte would be another statement.
TEST(RoundTripTest, TextsWithAZeroByteAreNotSent) {
  Bytes out;
  EXPECT_FALSE(encode_query(out, "delete from t\0where false"sv));
  EXPECT_FALSE(encode_parse(out, "s", "delete from t\0where false"sv, {}));
  EXPECT_FALSE(encode_parse(out, "s\0"sv, "select 1", {}));
  EXPECT_FALSE(encode_parse(out, "s", "select 1", std::vector<std::uint32_t>(65536)));
  EXPECT_FALSE(encode_password(out, "sec\0ret"sv));
  EXPECT_FALSE(encode_copy_fail(out, "a\0b"sv));
  EXPECT_FALSE(encode_parameter_status(out, "a", "b\0"sv));
  EXPECT_FALSE(encode_sasl_initial(out, "a\0b"sv, ""));
  EXPECT_EQ(out, "");
}

TEST(RoundTripTest, ClientLogIn) {
  Bytes initial;
  EXPECT_TRUE(encode_sasl_initial(initial, "SCRAM-SHA-256", "n,,n=,r=abc"));
  const auto decoded = decode_sasl_initial(body_of(initial, 'p')).value();
  EXPECT_EQ(decoded.mechanism, "SCRAM-SHA-256");
  EXPECT_EQ(decoded.data, "n,,n=,r=abc"sv);

  Bytes response;
  EXPECT_TRUE(encode_sasl_response(response, "c=biws"));
  EXPECT_EQ(body_of(response, 'p'), "c=biws");

  Bytes password;
  EXPECT_TRUE(encode_password(password, "secret"));
  EXPECT_EQ(decode_password(body_of(password, 'p')).value().password, "secret");
}

TEST(RoundTripTest, Bodiless) {
  struct Row {
    void (*encode)(Bytes&);
    std::string_view expected;
  };
  for (const Row& row : {Row{encode_sync, "S\0\0\0\4"sv}, Row{encode_flush, "H\0\0\0\4"sv},
                         Row{encode_terminate, "X\0\0\0\4"sv}}) {
    Bytes out;
    row.encode(out);
    EXPECT_EQ(out, row.expected);
    EXPECT_TRUE(decode_bodiless(body_of(out, row.expected[0])));
  }
}

template <class Kind>
Kind authentication(const Bytes& bytes) {
  return std::get<Kind>(decode_authentication(body_of(bytes, 'R')).value());
}

TEST(RoundTripTest, Authentication) {
  Bytes out;
  encode_authentication_ok(out);
  authentication<AuthenticationOk>(out);
  out.clear();
  encode_authentication_cleartext_password(out);
  authentication<AuthenticationCleartextPassword>(out);
  out.clear();
  EXPECT_TRUE(encode_authentication_sasl(out, std::array{"SCRAM-SHA-256-PLUS"sv, "SCRAM-SHA-256"sv}));
  EXPECT_EQ(authentication<AuthenticationSasl>(out).mechanisms,
            (std::vector<ByteView>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}));
  out.clear();
  EXPECT_TRUE(encode_authentication_sasl_continue(out, "r=abc"));
  EXPECT_EQ(authentication<AuthenticationSaslContinue>(out).data, "r=abc");
  out.clear();
  EXPECT_TRUE(encode_authentication_sasl_final(out, "v=abc"));
  EXPECT_EQ(authentication<AuthenticationSaslFinal>(out).data, "v=abc");
  out.clear();
  EXPECT_FALSE(encode_authentication_sasl(out, {}));
  EXPECT_FALSE(encode_authentication_sasl(out, std::array{""sv}));
  EXPECT_EQ(out, "");
}

TEST(RoundTripTest, ErrorAndNotice) {
  const Fields fields{{'S', "ERROR"}, {'C', "42501"}, {'M', "no"}, {'D', ""}};
  Bytes error, notice;
  encode_error(error, fields);
  encode_notice(notice, fields);
  EXPECT_EQ(decode_fields(body_of(error, 'E')).value(), fields);
  EXPECT_EQ(decode_fields(body_of(notice, 'N')).value(), fields);
}

// An error must arrive whatever its texts hold, and no text may pose as another field.
TEST(RoundTripTest, ErrorTextsEndAtTheirZeroByte) {
  Bytes out;
  encode_error(out, {{'M', "no\0Dvalue"s}, {'\0', "ends the list"}, {'C', "42501"}});
  EXPECT_EQ(decode_fields(body_of(out, 'E')).value(), (Fields{{'M', "no"}, {'C', "42501"}}));
}

TEST(RoundTripTest, ServerAnnouncements) {
  Bytes out;
  EXPECT_TRUE(encode_parameter_status(out, "TimeZone", "UTC"));
  EXPECT_EQ(decode_parameter_status(body_of(out, 'S')).value().value, "UTC");
  out.clear();
  EXPECT_TRUE(encode_backend_key_data(out, 5, "abcd"));
  EXPECT_EQ(decode_backend_key_data(body_of(out, 'K')).value().key, "abcd");
  EXPECT_FALSE(encode_backend_key_data(out, 5, "abc"));
  out.clear();
  EXPECT_TRUE(encode_negotiate_protocol_version(out, 3 << 16, std::array<ByteView, 2>{"_pq_.a", "_pq_.b"}));
  EXPECT_EQ(decode_negotiate_protocol_version(body_of(out, 'v')).value().unknown_options.size(), 2u);
  out.clear();
  encode_ready_for_query(out, 'E');
  EXPECT_EQ(decode_ready_for_query(body_of(out, 'Z')).value(), 'E');
  out.clear();
  EXPECT_TRUE(encode_command_complete(out, "INSERT 0 5"));
  EXPECT_EQ(decode_command_complete(body_of(out, 'C')).value().rows, 5u);
  out.clear();
  EXPECT_TRUE(encode_data_row(out, std::array<ByteView, 2>{"a", ""}));
  EXPECT_EQ(body_of(out, 'D'), "\0\2\0\0\0\1a\0\0\0\0"sv);
  EXPECT_EQ(decode_data_row(body_of(out, 'D')).value().column_count(), 2u);
  out.clear();
  EXPECT_TRUE(encode_notification(out, 7, "beds", "4"));
  EXPECT_EQ(decode_notification(body_of(out, 'A')).value().channel, "beds");
  EXPECT_FALSE(encode_notification(out, 7, "a\0b"sv, ""));
}

}  // namespace
}  // namespace pgward::protocol
