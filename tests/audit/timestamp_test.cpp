#include "audit/timestamp.h"

#include <limits>

#include <gtest/gtest.h>

namespace pgward::audit {
namespace {

struct WriteCase {
  const char* name;
  std::int64_t now_us;
  const char* text;
};
class TimestampWrite : public testing::TestWithParam<WriteCase> {};

TEST_P(TimestampWrite, ReadsAs) {
  std::string out;
  append_timestamp(out, GetParam().now_us);
  EXPECT_EQ(out, GetParam().text);
  EXPECT_TRUE(is_timestamp(out));
}

INSTANTIATE_TEST_SUITE_P(, TimestampWrite, testing::Values(
    WriteCase{"epoch", 0, "1970-01-01T00:00:00.000000Z"},
    WriteCase{"ordinary", 1'763'786'700'123'456, "2025-11-22T04:45:00.123456Z"},
    WriteCase{"leap_day", 1'709'251'199'999'999, "2024-02-29T23:59:59.999999Z"},
    WriteCase{"last", 253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
    WriteCase{"before_1970", -5, "1970-01-01T00:00:00.000000Z"},
    WriteCase{"beyond", std::numeric_limits<std::int64_t>::max(), "9999-12-31T23:59:59.999999Z"}),
    [](const auto& row) { return row.param.name; });

TEST(Timestamp, RefusesOtherForms) {
  for (const char* text : {"", "2025-11-22T04:45:00Z", "2025-11-22 04:45:00.123456Z", "2025-11-22T04:45:00.123456+",
                           "2025-13-22T04:45:00.123456Z", "2025-02-29T04:45:00.123456Z", "2025-11-22T24:45:00.123456Z",
                           "2025-11-22T04:60:00.123456Z", "2025-11-22T04:45:60.123456Z", "2025-11-22T04:45:00.12345 Z",
                           "2025-00-22T04:45:00.123456Z", "-025-11-22T04:45:00.123456Z"})
    EXPECT_FALSE(is_timestamp(text)) << text;
}

}  // namespace
}  // namespace pgward::audit
