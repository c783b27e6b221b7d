#include "policy/nearest.h"

#include <gtest/gtest.h>

namespace pgward::policy {
namespace {

struct DistanceCase {
  const char* a;
  const char* b;
  std::size_t distance;  // 4: more than 3
};
class TypingDistanceTest : public testing::TestWithParam<DistanceCase> {};

TEST_P(TypingDistanceTest, CountsBothWays) {
  EXPECT_EQ(typing_distance(GetParam().a, GetParam().b, 3), GetParam().distance);
  EXPECT_EQ(typing_distance(GetParam().b, GetParam().a, 3), GetParam().distance);
}

INSTANTIATE_TEST_SUITE_P(, TypingDistanceTest,
                         testing::Values(DistanceCase{"", "", 0}, DistanceCase{"patients", "patients", 0},
                                         DistanceCase{"Patients", "patients", 0},
                                         DistanceCase{"patiens", "patients", 1},
                                         DistanceCase{"patinets", "patients", 1},
                                         DistanceCase{"petient", "patients", 2}, DistanceCase{"", "abc", 3},
                                         DistanceCase{"", "abcd", 4}, DistanceCase{"abcdef", "uvwxyz", 4}));

TEST(NearestTest, OffersTheClosestAndOnlyWhatIsClose) {
  const std::vector<std::string> names{"select", "insert", "update", "delete"};
  EXPECT_EQ(nearest("slect", names), "select");
  EXPECT_EQ(nearest("UPDTAE", names), "update");
  EXPECT_EQ(nearest("truncate", names), std::nullopt);
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(5000, 's'), names), std::nullopt);
  EXPECT_EQ(did_you_mean("delte", names), "; did you mean 'delete'?");
  EXPECT_EQ(did_you_mean("xyz", names), "");
}

}  // namespace
}  // namespace pgward::policy
