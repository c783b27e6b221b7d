#include "protocol/options.h"

#include <gtest/gtest.h>

namespace pgward::protocol {
namespace {

using namespace std::literals;
using Settings = std::vector<std::pair<std::string, std::string>>;

struct OptionsCase {
  std::string_view options;
  Settings expected;
};

// Each row was put to a PostgreSQL 15 as well, which took it the same way.
TEST(SplitOptionsTest, TakesWhatTheServerTakes) {
  for (const OptionsCase& row : {
           OptionsCase{"", {}},
           OptionsCase{" \t\n\v\f\r ", {}},
           OptionsCase{"-c work_mem=1MB", {{"work_mem", "1MB"}}},
           OptionsCase{"-cwork_mem=1MB", {{"work_mem", "1MB"}}},
           OptionsCase{"--work_mem=1MB", {{"work_mem", "1MB"}}},
           OptionsCase{"--work-mem=1MB", {{"work_mem", "1MB"}}},
           OptionsCase{"-c work-mem=1MB", {{"work_mem", "1MB"}}},
           OptionsCase{"  -c   geqo=off\t--work_mem=1MB\n", {{"geqo", "off"}, {"work_mem", "1MB"}}},
           OptionsCase{"-c geqo=off -c geqo=on", {{"geqo", "off"}, {"geqo", "on"}}},
           OptionsCase{"-c search_path=a,b", {{"search_path", "a,b"}}},
           OptionsCase{R"(-c search_path=a,\ b)", {{"search_path", "a, b"}}},
           OptionsCase{R"(-c\ geqo=off)", {{" geqo", "off"}}},  // the server knows no such setting
           OptionsCase{R"(-c app.x=a\\b)", {{"app.x", R"(a\b)"}}},
           OptionsCase{R"(-\c geqo=off)", {{"geqo", "off"}}},
           OptionsCase{R"(-c geqo\=off)", {{"geqo", "off"}}},
           OptionsCase{R"(-c app.x=a\)", {{"app.x", "a"}}},
           OptionsCase{"-c app.x=a=b", {{"app.x", "a=b"}}},
           OptionsCase{"-c app.x=", {{"app.x", ""}}},
           OptionsCase{"-c app.x=-c", {{"app.x", "-c"}}},
           OptionsCase{"-c APP.X=a", {{"APP.X", "a"}}},
           OptionsCase{"-c --work_mem=1MB", {{"__work_mem", "1MB"}}},  // no such setting, but a setting to it
           OptionsCase{"-c app.x=m\xc3\xbc", {{"app.x", "m\xc3\xbc"}}},
           OptionsCase{"-c app.x=\\\xa0", {{"app.x", "\xa0"}}},
       }) {
    const auto settings = split_options(row.options);
    ASSERT_TRUE(settings) << row.options;
    EXPECT_EQ(*settings, row.expected) << row.options;
  }
}

TEST(SplitOptionsTest, RefusesTheRest) {
  for (std::string_view options : {
           "-c"sv,       // no argument
           "--"sv,       // ends the switches
           "-c geqo"sv,  // no value
           "--geqo"sv,
           "-c =off"sv,  // no name
           "--=off"sv,
           "geqo=off"sv,  // no switch
           "-c geqo=off extra"sv,
           "\\"sv,  // an empty word
           "-"sv,
           "-d 3"sv,  // switches that are no settings here
           "-S 1024"sv,
           "-e"sv,
           "-f s"sv,
           "-t pa"sv,
           "-W 60"sv,
           "-v 196608"sv,
           "-D /tmp"sv,
           "-Oc geqo=off"sv,                  // grouped
           "-c app.x=a\0b"sv,                 // the server would stop at the zero byte
           "-c app.x=a\xa0-c\xa0role=adm"sv,  // a blank under some locales, none under others
           "-c app.x=a\x85-c\x85role=adm"sv,
       }) {
    const auto settings = split_options(options);
    ASSERT_FALSE(settings) << options;
    EXPECT_EQ(settings.error(), WireError::bad_value);
  }
}

TEST(SplitOptionsTest, LongTextsTakeLinearTime) {
  std::string options;
  for (int i = 0; i < 200000; ++i) options += "-c a=b ";
  EXPECT_EQ(split_options(options).value().size(), 200000u);
  EXPECT_TRUE(split_options("-c a=" + std::string(1 << 22, '\\')));
}

}  // namespace
}  // namespace pgward::protocol
