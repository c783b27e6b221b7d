#include "audit/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pgward::audit {
namespace {

using namespace std::string_view_literals;

struct StringCase {
  const char* name;
  std::string_view text;
  std::string_view json;
};
class JsonString : public testing::TestWithParam<StringCase> {};

TEST_P(JsonString, IsWrittenAs) {
  std::string out;
  append_json_string(out, GetParam().text);
  EXPECT_EQ(out, GetParam().json);
  EXPECT_TRUE(nlohmann::json::accept(out));
}

INSTANTIATE_TEST_SUITE_P(, JsonString, testing::Values(
    StringCase{"empty", "", "\"\""},
    StringCase{"plain", "patients", "\"patients\""},
    StringCase{"quote_and_backslash", "a\"b\\c", R"("a\"b\\c")"},
    StringCase{"newline_and_nul", "a\nb\0c"sv, R"("a\u000ab\u0000c")"},
    StringCase{"escape_character", "\x1b[2J", R"("\u001b[2J")"},
    StringCase{"delete_and_c1", "\x7f\xc2\x9b", R"("\u007f\u009b")"},
    StringCase{"two_three_four_bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xa5", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\xa5\""},
    StringCase{"lone_continuation", "a\x80z", "\"a\xEF\xBF\xBDz\""},
    StringCase{"overlong", "\xc0\xaf", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    StringCase{"surrogate", "\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    StringCase{"beyond_unicode", "\xf4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    StringCase{"cut_off", "\xe2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""}),
    [](const auto& row) { return row.param.name; });

TEST(JsonMembers, Nest) {
  std::string out;
  {
    JsonMembers m{out};
    m.text("a", "x").number("b", std::uint64_t{18'446'744'073'709'551'615u}).number("c", std::int64_t{-1});
    {
      auto o = m.object("o");
      o.object("empty");
      o.boolean("t", true).boolean("f", false);
    }
    m.texts("none", {}).texts("two", {"1", "\""}).rendered("\"r\":1").rendered("");
  }
  EXPECT_EQ(out, R"("a":"x","b":18446744073709551615,"c":-1,"o":{"empty":{},"t":true,"f":false},)"
                 R"("none":[],"two":["1","\""],"r":1)");
}

}  // namespace
}  // namespace pgward::audit
