// Which log-ins are strong enough for a role.
#include "auth/strength.h"

#include <gtest/gtest.h>

namespace pgward::auth {
namespace {

struct Row {
  const char* name;
  std::vector<std::string> amr;
  std::string acr;
  Strength wanted;
  bool enough;
};
class StrengthTest : public testing::TestWithParam<Row> {};

TEST_P(StrengthTest, is_enough_or_not) {
  Identity identity;
  identity.amr = GetParam().amr;
  if (!GetParam().acr.empty()) identity.claims["acr"] = GetParam().acr;
  EXPECT_EQ(strong_enough(identity, GetParam().wanted), GetParam().enough);
}
INSTANTIATE_TEST_SUITE_P(, StrengthTest, testing::Values(
    Row{"nothing_is_asked", {}, "", {}, true},
    Row{"one_of_the_methods", {"pwd", "otp"}, "", {{"hwk", "otp"}, {}}, true},
    Row{"another_method", {"pwd"}, "", {{"hwk", "otp"}, {}}, false},
    Row{"no_method", {}, "", {{"hwk"}, {}}, false},
    Row{"the_level", {}, "aal2", {{}, {"aal2", "aal3"}}, true},
    Row{"another_level", {}, "aal1", {{}, {"aal2"}}, false},
    Row{"no_level", {"otp"}, "", {{}, {"aal2"}}, false},
    Row{"both", {"otp"}, "aal2", {{"otp"}, {"aal2"}}, true},
    Row{"only_one_of_both", {"otp"}, "aal1", {{"otp"}, {"aal2"}}, false}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::auth
