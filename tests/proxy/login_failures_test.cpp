// How long the answer to a failed log-in waits.
#include "proxy/net/login_failures.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

TEST(LoginFailures, double_and_have_an_end) {
  LoginFailures failures({1, 8});
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 6; ++i) waits.push_back(failures.failed("192.0.2.1", "u" + std::to_string(i), 1000 + i));
  EXPECT_EQ(waits, (std::vector<std::int64_t>{1, 2, 4, 8, 8, 8}));
}

TEST(LoginFailures, of_another_address_under_another_name_begin_anew) {
  LoginFailures failures({1, 8});
  failures.failed("192.0.2.1", "a", 1000);
  EXPECT_EQ(failures.failed("192.0.2.2", "b", 1000), 1);
}

TEST(LoginFailures, under_one_name_count_from_wherever_they_come) {
  LoginFailures failures({1, 8});
  failures.failed("192.0.2.1", "a", 1000);
  EXPECT_EQ(failures.failed("192.0.2.2", "a", 1000), 2);
}

TEST(LoginFailures, are_forgotten_after_a_while_and_with_a_clock_set_back) {
  LoginFailures failures({1, 8});
  failures.failed("192.0.2.1", "a", 1000);
  EXPECT_EQ(failures.failed("192.0.2.1", "a", 1000 + LoginFailures::kForgottenAfterS), 1);
  EXPECT_EQ(failures.failed("192.0.2.1", "a", 10), 1);
}

TEST(LoginFailures, can_be_switched_off) {
  LoginFailures failures({0, 8});
  EXPECT_EQ(failures.failed("192.0.2.1", "a", 1000), 0);
}

TEST(LoginFailures, are_bounded_in_number) {
  LoginFailures failures({1, 8});
  for (std::size_t i = 0; i < 3 * LoginFailures::kRememberedMax; ++i) failures.failed(std::to_string(i), "u" + std::to_string(i), 1000);
  EXPECT_EQ(failures.failed("new", "new", 1000), 1);
}

}  // namespace
}  // namespace pgward::proxy
