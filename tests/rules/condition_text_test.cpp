#include "rules/scrubber.h"

namespace pgward::rules {
namespace {

struct ConditionCase {
  const char* name;
  const char* sqlstate;
  const char* text;
};

class ConditionTextTest : public testing::TestWithParam<ConditionCase> {};

TEST_P(ConditionTextTest, IsTheNameOfAppendixA) {
  EXPECT_EQ(condition_text(GetParam().sqlstate), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    , ConditionTextTest,
    testing::Values(ConditionCase{"exact", "23505", "unique violation"},
                    ConditionCase{"raise", "P0001", "raise exception"},
                    ConditionCase{"unlisted_code_of_a_class", "22ZZZ", "data exception"},
                    ConditionCase{"first_of_two_names", "22030", "duplicate json object key value"},
                    ConditionCase{"own_code", "ZZ123", "error"}, ConditionCase{"short", "2", "error"},
                    ConditionCase{"empty", "", "error"}),
    [](const auto& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace pgward::rules
