#include "auth/strict_json.h"

#include <gtest/gtest.h>

namespace pgward::auth {
namespace {

constexpr auto kMalformed = JsonError::malformed;
constexpr auto kTwice = JsonError::duplicate_member;
constexpr auto kTooDeep = JsonError::too_deep;

struct Case {
  const char* name;
  std::string text;
  std::optional<JsonError> error;
};

class StrictJson : public ::testing::TestWithParam<Case> {};

TEST_P(StrictJson, TakesOrRefuses) {
  const auto parsed = parse_strict_json(GetParam().text, 3);
  const auto* error = std::get_if<JsonError>(&parsed);
  EXPECT_EQ(error == nullptr ? std::nullopt : std::optional{*error}, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    , StrictJson,
    ::testing::Values(
        Case{"empty", "", kMalformed}, Case{"blank", " ", kMalformed}, Case{"scalar", "17", std::nullopt},
        Case{"object", R"({"a":[1,{"b":null}]})", std::nullopt},
        Case{"white_space_around", " {} \n", std::nullopt},
        Case{"same_name_in_two_objects", R"([{"a":1},{"a":1}])", std::nullopt},
        Case{"same_name_inside", R"({"a":{"a":1}})", std::nullopt}, Case{"twice", R"({"a":1,"a":1})", kTwice},
        Case{"twice_apart", R"({"a":1,"b":{},"a":1})", kTwice},
        Case{"twice_by_escape", R"({"a":1,"\u0061":1})", kTwice},
        Case{"empty_name_twice", R"({"":1,"":1})", kTwice},
        Case{"twice_inside", R"([[{"a":1,"a":1}]])", kTwice},
        Case{"depth_at_the_limit", "[[[]]]", std::nullopt}, Case{"too_deep", "[[[[]]]]", kTooDeep},
        Case{"too_deep_objects", R"({"a":{"a":{"a":{}}}})", kTooDeep},
        Case{"wide_is_not_deep", "[[],[],[[]],[]]", std::nullopt}, Case{"unclosed", "[1", kMalformed},
        Case{"tail", "{}x", kMalformed}, Case{"two_values", "{}{}", kMalformed},
        Case{"nul_and_tail", std::string("{}\0{}", 5), kMalformed},
        Case{"nul_at_the_end", std::string("{}\0", 3), kMalformed},
        Case{"byte_order_mark", "\xef\xbb\xbf{}", kMalformed}, Case{"comment", "/*x*/{}", kMalformed},
        Case{"single_quotes", "{'a':1}", kMalformed}, Case{"trailing_comma", "[1,]", kMalformed},
        Case{"nan", "NaN", kMalformed}, Case{"infinite", "1e999", kMalformed},
        Case{"leading_zero", "01", kMalformed}, Case{"plus", "+1", kMalformed},
        Case{"bad_utf8", "\"\xff\"", kMalformed}, Case{"surrogate_in_utf8", "\"\xed\xa0\x80\"", kMalformed},
        Case{"lone_surrogate", R"("\udc00")", kMalformed}, Case{"raw_control", "\"\n\"", kMalformed}),
    [](const auto& row) { return row.param.name; });

TEST(StrictJsonAlone, BuildsTheTreeThatTheTextSays) {
  const char* text = R"({"a":[1,-1,1.5,true,null,"x",[],{}],"b":{"c":18446744073709551615},"":"é"})";
  EXPECT_EQ(std::get<Json>(parse_strict_json(text)), Json::parse(text));
}

// A million brackets must neither recurse nor be kept.
TEST(StrictJsonAlone, StopsAtTheDepthNotAtTheEnd) {
  EXPECT_EQ(std::get<JsonError>(parse_strict_json(std::string(1'000'000, '['))), kTooDeep);
}

}  // namespace
}  // namespace pgward::auth
