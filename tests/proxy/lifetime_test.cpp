// How the clock ends a session.
#include <gtest/gtest.h>

#include "proxy/session/lifetime.h"

namespace pgward::proxy {
namespace {

using enum SessionError;

constexpr auth::UnixTime kOpened = 1'800'000'000;
constexpr LifeLimits kLimits{100, 1000, 5};

struct Life {
  const char* name;
  auth::UnixTime after;       // since it was opened
  auth::UnixTime expires;     // the same
  auth::UnixTime last_bytes;  // the same
  Rest rest;
  std::optional<SessionError> end;
};
class LifetimeTest : public testing::TestWithParam<Life> {};

TEST_P(LifetimeTest, ends) {
  const Life& life = GetParam();
  Lifetime lifetime(kOpened);
  lifetime.client_active();
  EXPECT_EQ(lifetime.due(kOpened + life.last_bytes, kOpened + 5000, Rest::idle, kLimits), std::nullopt);
  EXPECT_EQ(lifetime.due(kOpened + life.after, kOpened + life.expires, life.rest, kLimits), life.end);
}
INSTANTIATE_TEST_SUITE_P(, LifetimeTest, testing::Values(
    Life{"well_within", 50, 900, 0, Rest::idle, {}},
    Life{"expired_while_idle", 60, 60, 0, Rest::idle, credential_expired},
    Life{"one_second_before", 59, 60, 0, Rest::idle, {}},
    Life{"expired_in_a_transaction", 60, 60, 0, Rest::in_transaction, credential_expired},
    Life{"a_running_statement_has_a_grace", 64, 60, 0, Rest::busy, {}},
    Life{"and_no_more", 65, 60, 0, Rest::busy, credential_expired},
    Life{"so_has_a_copy", 64, 60, 0, Rest::awaits_client, {}},
    Life{"and_no_more_either", 65, 60, 0, Rest::awaits_client, credential_expired},
    Life{"idle_too_long", 100, 900, 0, Rest::idle, idle_timeout},
    Life{"nearly", 99, 900, 0, Rest::idle, {}},
    Life{"since_the_last_bytes", 149, 900, 50, Rest::idle, {}},
    Life{"idle_in_a_transaction", 100, 900, 0, Rest::in_transaction, idle_in_transaction},
    Life{"a_copy_that_stalls", 100, 900, 0, Rest::awaits_client, idle_in_transaction},
    Life{"a_long_statement_is_not_idle", 800, 900, 0, Rest::busy, {}},
    Life{"too_old", 1000, 5000, 990, Rest::idle, session_too_old},
    Life{"too_old_with_a_grace", 1004, 5000, 990, Rest::busy, {}},
    Life{"expiry_comes_first", 1000, 1000, 0, Rest::idle, credential_expired},
    Life{"a_clock_set_back", -100, 900, 0, Rest::idle, {}}),
    [](const auto& one) { return one.param.name; });

TEST(Lifetime, what_ran_counts_as_activity_until_it_ends) {
  Lifetime lifetime(kOpened);
  EXPECT_EQ(lifetime.due(kOpened + 90, kOpened + 5000, Rest::busy, kLimits), std::nullopt);
  EXPECT_EQ(lifetime.due(kOpened + 189, kOpened + 5000, Rest::idle, kLimits), std::nullopt);
  EXPECT_EQ(lifetime.due(kOpened + 190, kOpened + 5000, Rest::idle, kLimits), idle_timeout);
}

TEST(Lifetime, after_a_clock_was_set_back_silence_is_counted_anew) {
  Lifetime lifetime(kOpened);
  EXPECT_EQ(lifetime.due(kOpened - 1000, kOpened + 5000, Rest::idle, kLimits), std::nullopt);
  EXPECT_EQ(lifetime.due(kOpened - 900, kOpened + 5000, Rest::idle, kLimits), idle_timeout);
}

}  // namespace
}  // namespace pgward::proxy
