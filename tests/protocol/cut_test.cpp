// Every message cut at every byte is truncated, and with a byte more than it has, trailing_bytes. The few
// whose last field has no length of its own are listed with the shortest that is whole.
#include "tests/protocol/decode_case.h"

namespace pgward::protocol::testing_support {
namespace {

using namespace std::literals;

struct Sample {
  std::string_view name;
  Judge judge;
  std::string_view body;
  std::size_t shortest = 0;  // of an open-ended message; 0: only the whole body will do
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
  return out << sample.name;
}

class CutTest : public testing::TestWithParam<Sample> {};

TEST_P(CutTest, WholeBodyDecodes) {
  EXPECT_EQ(judge_exactly(GetParam().judge, GetParam().body), std::nullopt);
}

TEST_P(CutTest, EveryCutIsTruncated) {
  const Sample& sample = GetParam();
  const std::size_t whole = sample.shortest ? sample.shortest : sample.body.size();
  for (std::size_t size = 0; size < whole; ++size)
    EXPECT_EQ(judge_exactly(sample.judge, sample.body.substr(0, size)), WireError::truncated)
        << "cut at " << size;
}

TEST_P(CutTest, EveryExtraByteIsTrailing) {
  const Sample& sample = GetParam();
  const Verdict expected = sample.shortest ? Verdict{} : WireError::trailing_bytes;
  for (std::string_view extra : {"\0"sv, "x"sv, "\xff\xff"sv})
    EXPECT_EQ(judge_exactly(sample.judge, std::string(sample.body) + std::string(extra)), expected);
}

// clang-format off
constexpr std::array kSamples{
    Sample{"query", verdict_of<decode_query>, "select 1\0"sv},
    Sample{"parse", verdict_of<decode_parse>, "s1\0select $1\0\0\2\0\0\0\x17\0\0\0\x19"sv},
    Sample{"bind", verdict_of<decode_bind>,
           "p1\0s1\0\0\2\0\1\0\0\0\2\0\0\0\4\0\0\0\x2a\xff\xff\xff\xff\0\1\0\1"sv},
    Sample{"describe", verdict_of<decode_describe>, "Ss1\0"sv},
    Sample{"close", verdict_of<decode_close>, "Pp1\0"sv},
    Sample{"execute", verdict_of<decode_execute>, "p1\0\0\0\0\x0a"sv},
    Sample{"function_call", verdict_of<decode_function_call>,
           "\0\0\3\xb8\0\1\0\1\0\2\0\0\0\2xy\xff\xff\xff\xff\0\1"sv},
    Sample{"copy_fail", verdict_of<decode_copy_fail>, "gone\0"sv},
    Sample{"password", verdict_of<decode_password>, "secret\0"sv},
    Sample{"sasl_initial", verdict_of<decode_sasl_initial>, "SCRAM-SHA-256\0\0\0\0\5n,,n="sv},
    Sample{"bodiless", verdict_of<decode_bodiless>, ""sv},

    Sample{"authentication_ok", verdict_of<decode_authentication>, "\0\0\0\0"sv},
    Sample{"authentication_md5", verdict_of<decode_authentication>, "\0\0\0\5salt"sv},
    Sample{"authentication_sasl", verdict_of<decode_authentication>, "\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"sv},
    Sample{"authentication_continue", verdict_of<decode_authentication>, "\0\0\0\x0br=1"sv, 4},
    Sample{"backend_key_data", verdict_of<decode_backend_key_data>, "\0\0\1\2abcdefgh"sv, 8},
    Sample{"command_complete", verdict_of<decode_command_complete>, "INSERT 0 5\0"sv},
    Sample{"copy_response", verdict_of<decode_copy_response>, "\1\0\2\0\1\0\1"sv},
    Sample{"data_row", verdict_of<decode_data_row>, "\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0"sv},
    Sample{"error_response", verdict_of<decode_fields>, "SERROR\0VERROR\0C42P01\0Mmessage\0P8\0\0"sv},
    Sample{"function_call_response", verdict_of<decode_function_call_response>, "\0\0\0\2ab"sv},
    Sample{"negotiate", verdict_of<decode_negotiate_protocol_version>, "\0\3\0\0\0\0\0\2_pq_.a\0_pq_.b\0"sv},
    Sample{"notification", verdict_of<decode_notification>, "\0\0\0\7channel\0payload\0"sv},
    Sample{"parameter_description", verdict_of<decode_parameter_description>, "\0\2\0\0\0\x17\0\0\0\x19"sv},
    Sample{"parameter_status", verdict_of<decode_parameter_status>, "TimeZone\0UTC\0"sv},
    Sample{"ready_for_query", verdict_of<decode_ready_for_query>, "T"sv},
    Sample{"row_description", verdict_of<decode_row_description>,
           "\0\2id\0\0\0\x40\1\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\0n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\1"sv},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Messages, CutTest, testing::ValuesIn(kSamples),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace pgward::protocol::testing_support
