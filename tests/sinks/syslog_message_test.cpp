#include <gtest/gtest.h>

#include "proxy/sinks/syslog.h"

namespace pgward::proxy {
namespace {

struct Message {
  const char* name;
  Parcel parcel;
  const char* expected;
};
class SyslogMessage : public testing::TestWithParam<Message> {};

TEST_P(SyslogMessage, IsOfRfc5424) { EXPECT_EQ(syslog_message(GetParam().parcel, "{}", "host", "7"), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(, SyslogMessage, testing::Values(
    Message{"statement", {42, "pgward/1", "2026-11-22T04:45:00.123456Z", "stmt.read", "s1", "aa", 6, {}},
            "<110>1 2026-11-22T04:45:00.123456Z host pgward 7 stmt.read [pgward@32473 log=\"pgward/1\" seq=\"42\" hash=\"aa\" session=\"s1\"] \xEF\xBB\xBF{}"},
    Message{"without_session", {1, "pgward/1", "2026-11-22T04:45:00.123456Z", "log.degraded", "", "aa", 3, {}},
            "<107>1 2026-11-22T04:45:00.123456Z host pgward 7 log.degraded [pgward@32473 log=\"pgward/1\" seq=\"1\" hash=\"aa\"] \xEF\xBB\xBF{}"},
    Message{"escapes", {1, "pgward/1", "2026-11-22T04:45:00.123456Z", "stmt.deny", "a\"]\\", "aa", 5, {}},
            "<109>1 2026-11-22T04:45:00.123456Z host pgward 7 stmt.deny [pgward@32473 log=\"pgward/1\" seq=\"1\" hash=\"aa\" session=\"a\\\"\\]\\\\\"] \xEF\xBB\xBF{}"},
    Message{"long_type", {1, "pgward/1", "2026-11-22T04:45:00.123456Z", "aaaaaaaaaabbbbbbbbbbccccccccccddddd", "", "aa", 6, {}},
            "<110>1 2026-11-22T04:45:00.123456Z host pgward 7 aaaaaaaaaabbbbbbbbbbccccccccccdd [pgward@32473 log=\"pgward/1\" seq=\"1\" hash=\"aa\"] \xEF\xBB\xBF{}"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::proxy
