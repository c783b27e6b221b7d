#include "auth/secret.h"

#include <gtest/gtest.h>

#include "auth/text_checks.h"

namespace pgward::auth {
namespace {

using namespace std::string_view_literals;

TEST(SecretTest, MovesAndCompares) {
  Secret one{"a longer secret than fits into the string itself"sv};
  Secret two{std::move(one)};
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
  EXPECT_TRUE(two.equals("a longer secret than fits into the string itself"));
  EXPECT_FALSE(two.equals("a longer secret than fits into the string itselF"));
  EXPECT_FALSE(two.equals(""));
  one = two;
  EXPECT_TRUE(one.equals(two.reveal()));
  one = std::move(two);
  EXPECT_TRUE(two.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(Secret{}.equals(""));
}

TEST(ControlCharacters, AreFoundInUtf8) {
  for (const auto text : {"\0"sv, "a\tb"sv, "\x1f"sv, "\x7f"sv, "\xc2\x80"sv, "a\xc2\x9f"sv})
    EXPECT_TRUE(has_control_character(text)) << text;
  for (const auto text : {""sv, " ~"sv, "\xc2\xa0"sv, "Zo\xc3\xab"sv, "\xc3\x82"sv, "\xf0\x9f\xa9\xba"sv})
    EXPECT_FALSE(has_control_character(text)) << text;
}

}  // namespace
}  // namespace pgward::auth
