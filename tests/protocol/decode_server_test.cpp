// What servers send, one row per way in which it can be wrong.
#include "tests/protocol/decode_case.h"

namespace pgward::protocol::testing_support {
namespace {

using namespace std::literals;
using enum WireError;

class DecodeServerTest : public testing::TestWithParam<DecodeCase> {};

TEST_P(DecodeServerTest, GivesVerdict) {
  EXPECT_EQ(judge_exactly(GetParam().judge, GetParam().body), GetParam().expected);
}

// clang-format off
constexpr auto kOk = std::nullopt;

constexpr Judge auth = verdict_of<decode_authentication>;
INSTANTIATE_TEST_SUITE_P(Authentication, DecodeServerTest, testing::Values(
    DecodeCase{"ok",                   auth, "\0\0\0\0"sv,                                kOk},
    DecodeCase{"cleartext",            auth, "\0\0\0\3"sv,                                kOk},
    DecodeCase{"md5",                  auth, "\0\0\0\5salt"sv,                            kOk},
    DecodeCase{"sasl",                 auth, "\0\0\0\x0aSCRAM-SHA-256\0\0"sv,             kOk},
    DecodeCase{"sasl_continue",        auth, "\0\0\0\x0br=abc"sv,                         kOk},
    DecodeCase{"sasl_final",           auth, "\0\0\0\x0cv=abc"sv,                         kOk},
    DecodeCase{"kerberos",             auth, "\0\0\0\2"sv,                                kOk},
    DecodeCase{"unheard_of",           auth, "\0\0\1\0whatever"sv,                        kOk},
    DecodeCase{"no_kind",              auth, "\0\0\0"sv,                                  truncated},
    DecodeCase{"md5_short_salt",       auth, "\0\0\0\5sal"sv,                             truncated},
    DecodeCase{"sasl_list_unended",    auth, "\0\0\0\x0aSCRAM-SHA-256\0"sv,               truncated},
    DecodeCase{"sasl_no_mechanism",    auth, "\0\0\0\x0a\0"sv,                            bad_value},
    DecodeCase{"ok_and_more",          auth, "\0\0\0\0\0"sv,                              trailing_bytes},
    DecodeCase{"cleartext_and_more",   auth, "\0\0\0\3\0"sv,                              trailing_bytes},
    DecodeCase{"md5_long_salt",        auth, "\0\0\0\5salty"sv,                           trailing_bytes},
    DecodeCase{"sasl_after_list",      auth, "\0\0\0\x0aX\0\0Y\0"sv,                      trailing_bytes}), name_of);

constexpr Judge fields = verdict_of<decode_fields>;
INSTANTIATE_TEST_SUITE_P(ErrorResponse, DecodeServerTest, testing::Values(
    DecodeCase{"error",             fields, "SERROR\0C42P01\0Mno\0\0"sv, kOk},
    DecodeCase{"error_no_fields",   fields, "\0"sv,                      kOk},
    DecodeCase{"error_same_twice",  fields, "Ma\0Mb\0\0"sv,              kOk},
    DecodeCase{"error_unended",     fields, "SERROR\0"sv,                truncated},
    DecodeCase{"error_cut_text",    fields, "SERR"sv,                    truncated},
    DecodeCase{"error_after_end",   fields, "SERROR\0\0M"sv,             trailing_bytes}), name_of);

constexpr Judge ready = verdict_of<decode_ready_for_query>;
INSTANTIATE_TEST_SUITE_P(ReadyForQuery, DecodeServerTest, testing::Values(
    DecodeCase{"idle",             ready, "I"sv,  kOk},
    DecodeCase{"in_transaction",   ready, "T"sv,  kOk},
    DecodeCase{"failed",           ready, "E"sv,  kOk},
    DecodeCase{"lower_case",       ready, "i"sv,  bad_value},
    DecodeCase{"zero",             ready, "\0"sv, bad_value},
    DecodeCase{"no_status",        ready, ""sv,   truncated},
    DecodeCase{"two_statuses",     ready, "II"sv, trailing_bytes}), name_of);

constexpr Judge key = verdict_of<decode_backend_key_data>;
constexpr std::string_view kKey256 =
    "pid."
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef+";
INSTANTIATE_TEST_SUITE_P(BackendKeyData, DecodeServerTest, testing::Values(
    DecodeCase{"key_4",      key, "\0\0\1\2abcd"sv,          kOk},
    DecodeCase{"key_256",    key, kKey256.substr(0, 260),    kOk},
    DecodeCase{"key_3",      key, "\0\0\1\2abc"sv,           truncated},
    DecodeCase{"no_key",     key, "\0\0\1\2"sv,              truncated},
    DecodeCase{"key_257",    key, kKey256,                   trailing_bytes}), name_of);

constexpr Judge status = verdict_of<decode_parameter_status>;
constexpr Judge notification = verdict_of<decode_notification>;
constexpr Judge negotiate = verdict_of<decode_negotiate_protocol_version>;
INSTANTIATE_TEST_SUITE_P(Announcements, DecodeServerTest, testing::Values(
    DecodeCase{"status",                 status, "TimeZone\0UTC\0"sv,              kOk},
    DecodeCase{"status_no_value",        status, "TimeZone\0"sv,                   truncated},
    DecodeCase{"status_more",            status, "TimeZone\0UTC\0x"sv,             trailing_bytes},
    DecodeCase{"notification",           notification, "\0\0\0\7ch\0payload\0"sv,  kOk},
    DecodeCase{"notification_cut",       notification, "\0\0\0\7ch\0"sv,           truncated},
    DecodeCase{"notification_more",      notification, "\0\0\0\7ch\0\0\0"sv,       trailing_bytes},
    DecodeCase{"negotiate_minor",        negotiate, "\0\3\0\0\0\0\0\0"sv,          kOk},
    DecodeCase{"negotiate_option",       negotiate, "\0\3\0\0\0\0\0\1_pq_.x\0"sv,  kOk},
    DecodeCase{"negotiate_cut",          negotiate, "\0\3\0\0\0\0\0\2_pq_.x\0"sv,  truncated},
    DecodeCase{"negotiate_huge_count",   negotiate, "\0\3\0\0\xff\xff\xff\xff\0"sv, truncated},
    DecodeCase{"negotiate_more",         negotiate, "\0\3\0\0\0\0\0\0x\0"sv,       trailing_bytes}), name_of);

constexpr Judge row = verdict_of<decode_data_row>;
INSTANTIATE_TEST_SUITE_P(DataRow, DecodeServerTest, testing::Values(
    DecodeCase{"row_no_columns",      row, "\0\0"sv,                                  kOk},
    DecodeCase{"row_value_and_null",  row, "\0\2\0\0\0\1x\xff\xff\xff\xff"sv,         kOk},
    DecodeCase{"row_no_count",        row, "\0"sv,                                    truncated},
    DecodeCase{"row_too_few",         row, "\0\2\0\0\0\1x"sv,                         truncated},
    DecodeCase{"row_value_too_long",  row, "\0\1\0\0\0\2x"sv,                         truncated},
    DecodeCase{"row_length_minus_2",  row, "\0\1\xff\xff\xff\xfe"sv,                  bad_value},
    DecodeCase{"row_too_many",        row, "\0\1\0\0\0\1x\xff\xff\xff\xff"sv,         trailing_bytes}), name_of);

constexpr Judge response = verdict_of<decode_function_call_response>;
INSTANTIATE_TEST_SUITE_P(FunctionCallResponse, DecodeServerTest, testing::Values(
    DecodeCase{"response_value",          response, "\0\0\0\1x"sv,        kOk},
    DecodeCase{"response_null",           response, "\xff\xff\xff\xff"sv, kOk},
    DecodeCase{"response_length_minus_2", response, "\xff\xff\xff\xfe"sv, bad_value},
    DecodeCase{"response_cut",            response, "\0\0\0\2x"sv,        truncated},
    DecodeCase{"response_more",           response, "\0\0\0\1xy"sv,       trailing_bytes}), name_of);

constexpr Judge description = verdict_of<decode_row_description>;
constexpr Judge types = verdict_of<decode_parameter_description>;
constexpr Judge copy = verdict_of<decode_copy_response>;
INSTANTIATE_TEST_SUITE_P(Descriptions, DecodeServerTest, testing::Values(
    DecodeCase{"no_columns",         description, "\0\0"sv, kOk},
    DecodeCase{"one_column",         description, "\0\1id\0\0\0\x40\1\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"sv, kOk},
    DecodeCase{"column_format_2",    description, "\0\1id\0\0\0\x40\1\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\2"sv, bad_value},
    DecodeCase{"column_missing",     description, "\0\1"sv, truncated},
    DecodeCase{"largest_count",      description, "\xff\xff"sv, truncated},
    DecodeCase{"column_uncounted",   description, "\0\0id\0"sv, trailing_bytes},
    DecodeCase{"types",              types, "\0\1\0\0\0\x17"sv, kOk},
    DecodeCase{"type_missing",       types, "\0\2\0\0\0\x17"sv, truncated},
    DecodeCase{"type_uncounted",     types, "\0\0\0\0\0\x17"sv, trailing_bytes},
    DecodeCase{"copy_text",          copy, "\0\0\2\0\0\0\0"sv, kOk},
    DecodeCase{"copy_binary",        copy, "\1\0\1\0\1"sv, kOk},
    DecodeCase{"copy_format_2",      copy, "\2\0\0"sv, bad_value},
    DecodeCase{"copy_column_2",      copy, "\1\0\1\0\2"sv, bad_value},
    DecodeCase{"copy_cut",           copy, "\0\0\2\0\0"sv, truncated},
    DecodeCase{"copy_uncounted",     copy, "\0\0\0\0\0"sv, trailing_bytes}), name_of);

// clang-format on

}  // namespace
}  // namespace pgward::protocol::testing_support
