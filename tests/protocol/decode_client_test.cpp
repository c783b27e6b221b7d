// What clients send, one row per way in which it can be wrong.
#include "tests/protocol/decode_case.h"

namespace pgward::protocol::testing_support {
namespace {

using namespace std::literals;
using enum WireError;

class DecodeClientTest : public testing::TestWithParam<DecodeCase> {};

TEST_P(DecodeClientTest, GivesVerdict) {
  EXPECT_EQ(judge_exactly(GetParam().judge, GetParam().body), GetParam().expected);
}

// clang-format off
constexpr auto kOk = std::nullopt;

constexpr Judge query = verdict_of<decode_query>;
INSTANTIATE_TEST_SUITE_P(Query, DecodeClientTest, testing::Values(
    DecodeCase{"statement",       query, "select 1\0"sv,     kOk},
    DecodeCase{"nothing_to_do",   query, "\0"sv,             kOk},
    DecodeCase{"empty_body",      query, ""sv,               truncated},
    DecodeCase{"no_zero_byte",    query, "select 1"sv,       truncated},
    DecodeCase{"second_text",     query, "select 1\0drop\0"sv, trailing_bytes}), name_of);

constexpr Judge parse = verdict_of<decode_parse>;
INSTANTIATE_TEST_SUITE_P(Parse, DecodeClientTest, testing::Values(
    DecodeCase{"unnamed",          parse, "\0select 1\0\0\0"sv,                       kOk},
    DecodeCase{"named_with_types", parse, "s1\0select $1, $2\0\0\2\0\0\0\x17\0\0\0\0"sv, kOk},
    DecodeCase{"count_but_no_oid", parse, "\0select 1\0\0\1"sv,                       truncated},
    DecodeCase{"largest_count",    parse, "\0select 1\0\xff\xff\0\0\0\1"sv,           truncated},
    DecodeCase{"no_count",         parse, "\0select 1\0"sv,                           truncated},
    DecodeCase{"bytes_after_end",  parse, "\0select 1\0\0\0junk"sv,                   trailing_bytes},
    DecodeCase{"oid_not_counted",  parse, "\0select 1\0\0\1\0\0\0\x17\0\0\0\x17"sv,   trailing_bytes}), name_of);

constexpr Judge bind = verdict_of<decode_bind>;
INSTANTIATE_TEST_SUITE_P(Bind, DecodeClientTest, testing::Values(
    DecodeCase{"no_parameters",     bind, "\0\0\0\0\0\0\0\0"sv,                                kOk},
    DecodeCase{"text_and_null",     bind, "p\0s\0\0\0\0\2\0\0\0\1x\xff\xff\xff\xff\0\0"sv,     kOk},
    DecodeCase{"empty_is_not_null", bind, "\0\0\0\0\0\1\0\0\0\0\0\0"sv,                        kOk},
    DecodeCase{"one_format_for_all", bind, "\0\0\0\1\0\1\0\2\0\0\0\1x\0\0\0\1y\0\0"sv,         kOk},
    DecodeCase{"a_format_each",     bind, "\0\0\0\2\0\1\0\0\0\2\0\0\0\1x\0\0\0\1y\0\0"sv,      kOk},
    // One format and no parameter: the server takes it, and drivers send it.
    DecodeCase{"format_for_none",   bind, "\0\0\0\1\0\1\0\0\0\0"sv,                            kOk},
    DecodeCase{"result_formats",    bind, "\0\0\0\0\0\0\0\2\0\1\0\0"sv,                        kOk},
    DecodeCase{"too_few_formats",   bind, "\0\0\0\2\0\1\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv, bad_value},
    DecodeCase{"too_many_formats",  bind, "\0\0\0\2\0\1\0\0\0\1\0\0\0\0\0\0"sv,                bad_value},
    DecodeCase{"format_2",          bind, "\0\0\0\1\0\2\0\0\0\0"sv,                            bad_value},
    DecodeCase{"format_negative",   bind, "\0\0\0\1\xff\xff\0\0\0\0"sv,                        bad_value},
    DecodeCase{"result_format_2",   bind, "\0\0\0\0\0\0\0\1\0\2"sv,                            bad_value},
    DecodeCase{"length_minus_2",    bind, "\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"sv,                bad_value},
    DecodeCase{"length_lowest",     bind, "\0\0\0\0\0\1\x80\0\0\0\0\0"sv,                      bad_value},
    DecodeCase{"value_too_long",    bind, "\0\0\0\0\0\1\0\0\0\5abc\0"sv,                       truncated},
    DecodeCase{"length_highest",    bind, "\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"sv,                truncated},
    DecodeCase{"largest_count",     bind, "\0\0\0\0\xff\xff\0\0"sv,                            truncated},
    DecodeCase{"no_result_formats", bind, "\0\0\0\0\0\0"sv,                                    truncated},
    DecodeCase{"value_not_counted", bind, "\0\0\0\0\0\0\0\0\0\0\0\1x"sv,                       trailing_bytes}), name_of);

constexpr Judge describe = verdict_of<decode_describe>;
constexpr Judge close = verdict_of<decode_close>;
INSTANTIATE_TEST_SUITE_P(DescribeAndClose, DecodeClientTest, testing::Values(
    DecodeCase{"describe_statement",    describe, "Ss1\0"sv,     kOk},
    DecodeCase{"describe_portal",       describe, "P\0"sv,       kOk},
    DecodeCase{"describe_other_kind",   describe, "s\0"sv,       bad_value},
    DecodeCase{"describe_zero_kind",    describe, "\0\0"sv,      bad_value},
    DecodeCase{"describe_no_name",      describe, "S"sv,         truncated},
    DecodeCase{"describe_second_name",  describe, "Sa\0b\0"sv,   trailing_bytes},
    DecodeCase{"close_statement",       close,    "Ss1\0"sv,     kOk},
    DecodeCase{"close_portal",          close,    "P\0"sv,       kOk},
    DecodeCase{"close_other_kind",      close,    "X\0"sv,       bad_value},
    DecodeCase{"close_no_name",         close,    "P"sv,         truncated},
    DecodeCase{"close_second_name",     close,    "Sa\0b\0"sv,   trailing_bytes}), name_of);

constexpr Judge execute = verdict_of<decode_execute>;
INSTANTIATE_TEST_SUITE_P(Execute, DecodeClientTest, testing::Values(
    DecodeCase{"all_rows",        execute, "\0\0\0\0\0"sv,             kOk},
    DecodeCase{"some_rows",       execute, "c1\0\0\0\0\x64"sv,         kOk},
    DecodeCase{"negative_rows",   execute, "\0\xff\xff\xff\xff"sv,     kOk},  // all rows to the server
    DecodeCase{"no_limit",        execute, "c1\0"sv,                   truncated},
    DecodeCase{"long_limit",      execute, "\0\0\0\0\0\0"sv,           trailing_bytes}), name_of);

constexpr Judge call = verdict_of<decode_function_call>;
INSTANTIATE_TEST_SUITE_P(FunctionCall, DecodeClientTest, testing::Values(
    DecodeCase{"no_arguments",       call, "\0\0\3\xb8\0\0\0\0\0\0"sv,                         kOk},
    DecodeCase{"argument_and_null",  call, "\0\0\3\xb8\0\1\0\1\0\2\0\0\0\1x\xff\xff\xff\xff\0\1"sv, kOk},
    DecodeCase{"formats_mismatch",   call, "\0\0\3\xb8\0\2\0\1\0\1\0\1\xff\xff\xff\xff\0\1"sv, bad_value},
    DecodeCase{"argument_format_2",  call, "\0\0\3\xb8\0\1\0\2\0\0\0\0"sv,                     bad_value},
    DecodeCase{"result_format_2",    call, "\0\0\3\xb8\0\0\0\0\0\2"sv,                         bad_value},
    DecodeCase{"length_minus_2",     call, "\0\0\3\xb8\0\0\0\1\xff\xff\xff\xfe\0\0"sv,         bad_value},
    DecodeCase{"no_result_format",   call, "\0\0\3\xb8\0\0\0\0"sv,                             truncated},
    DecodeCase{"bytes_after_end",    call, "\0\0\3\xb8\0\0\0\0\0\0\0"sv,                       trailing_bytes}), name_of);

constexpr Judge password = verdict_of<decode_password>;
constexpr Judge sasl = verdict_of<decode_sasl_initial>;
INSTANTIATE_TEST_SUITE_P(LogIn, DecodeClientTest, testing::Values(
    DecodeCase{"password",               password, "secret\0"sv,                       kOk},
    DecodeCase{"password_empty",         password, "\0"sv,                             kOk},
    DecodeCase{"password_no_zero_byte",  password, "secret"sv,                         truncated},
    DecodeCase{"password_zero_inside",   password, "sec\0ret\0"sv,                     trailing_bytes},
    DecodeCase{"sasl_with_data",         sasl,     "SCRAM-SHA-256\0\0\0\0\3n,,"sv,     kOk},
    DecodeCase{"sasl_without_data",      sasl,     "SCRAM-SHA-256\0\xff\xff\xff\xff"sv, kOk},
    DecodeCase{"sasl_length_minus_2",    sasl,     "SCRAM-SHA-256\0\xff\xff\xff\xfe"sv, bad_value},
    DecodeCase{"sasl_data_too_long",     sasl,     "SCRAM-SHA-256\0\0\0\0\4n,,"sv,     truncated},
    DecodeCase{"sasl_bytes_after_end",   sasl,     "SCRAM-SHA-256\0\0\0\0\3n,,x"sv,    trailing_bytes}), name_of);

constexpr Judge copy_fail = verdict_of<decode_copy_fail>;
constexpr Judge bodiless = verdict_of<decode_bodiless>;
INSTANTIATE_TEST_SUITE_P(TheRest, DecodeClientTest, testing::Values(
    DecodeCase{"copy_fail",              copy_fail, "client gone\0"sv, kOk},
    DecodeCase{"copy_fail_no_zero_byte", copy_fail, "client gone"sv,   truncated},
    DecodeCase{"copy_fail_more",         copy_fail, "a\0b"sv,          trailing_bytes},
    DecodeCase{"bodiless",               bodiless,  ""sv,              kOk},
    DecodeCase{"bodiless_with_body",     bodiless,  "\0"sv,            trailing_bytes}), name_of);

// clang-format on

}  // namespace
}  // namespace pgward::protocol::testing_support
