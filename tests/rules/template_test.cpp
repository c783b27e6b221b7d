#include "rules/template.h"

namespace pgward::rules {
namespace {

struct MatchCase {
  const char* name;
  const char* text;  // of the template
  const char* message;
  std::optional<std::vector<std::string_view>> values;
};

class TemplateMatchTest : public testing::TestWithParam<MatchCase> {};

TEST_P(TemplateMatchTest, FindsTheSlots) {
  const auto text = Template::parse(GetParam().text);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->match(GetParam().message), GetParam().values);
}

using Values = std::vector<std::string_view>;

INSTANTIATE_TEST_SUITE_P(
    , TemplateMatchTest,
    testing::Values(
        MatchCase{"constant", "division by zero", "division by zero", Values{}},
        MatchCase{"constant_and_more", "division by zero", "division by zero!", std::nullopt},
        MatchCase{"one", "type {type}: \"{data}\"", "type a: \"b\"", Values{"a", "b"}},
        MatchCase{"empty_value", "x: \"{data}\"", "x: \"\"", Values{""}},
        MatchCase{"value_with_the_end", "x: \"{data}\" y", "x: \"a\" y\" y", Values{"a\" y"}},
        MatchCase{"name_is_short", "x {column} of {data}", "x a of b of c", Values{"a", "b of c"}},
        MatchCase{"value_is_long", "\"{data}\" for {type}", "\"a\" for b\" for c", Values{"a\" for b", "c"}},
        MatchCase{"two_values", "\"{data}\" as \"{data}\"", "\"a\" as \"b\"", Values{"a", "b"}},
        MatchCase{"side_by_side", "x: {data}{data}", "x: ab", Values{"ab", ""}},
        MatchCase{"pieces_may_not_overlap", "ab{data}bc", "abc", std::nullopt},
        MatchCase{"line_break", "x: \"{data}\"", "x: \"a\nb\"", Values{"a\nb"}},
        MatchCase{"escapes", "a\\{b\\n{data}", "a{b\nc", Values{"c"}}),
    [](const auto& test) { return std::string{test.param.name}; });

TEST(TemplateTest, OnOneLineOnlyValuesBreak) {
  const auto text = Template::parse("f {function} at {words}");
  EXPECT_TRUE(text->match("f a at b\nc"));
  EXPECT_FALSE(text->match("f a at b\nc", true));
  EXPECT_TRUE(Template::parse("COPY \"{data}\"")->match("COPY \"a\nb\"", true));
  EXPECT_FALSE(Template::parse("JSON {line}")->match("JSON a\nb", true));
}

TEST(TemplateTest, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(Template::parse("a {nothing} b"));
  EXPECT_FALSE(Template::parse("a {data b"));
}

}  // namespace
}  // namespace pgward::rules
