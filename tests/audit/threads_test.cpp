// Many threads append, others ask: run under the thread sanitizer (preset tsan).
#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "scratch.h"

namespace pgward::audit {
namespace {

TEST(Threads, EightAppendAndEachRecordIsThereOnce) {
  constexpr std::uint64_t kThreads = 8, kEach = 500;
  Scratch scratch;
  std::atomic<unsigned> moved{0};
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 100'000;
  config.on_progress = [&] { ++moved; };
  {
    const auto log = open_log(config);
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (std::uint64_t n = 0; n < kEach; ++n) {
          const Ticket ticket = log->append(numbered(t * kEach + n), kNow);
          ASSERT_NE(ticket, 0u);
          if (n % 50 == 0) {
            ASSERT_TRUE(log->flush());
            ASSERT_EQ(log->fate(ticket), Fate::durable);
            ASSERT_GE(log->durable(), ticket);
          }
        }
      });
    for (auto& thread : threads) thread.join();
    ASSERT_TRUE(log->flush());
    EXPECT_EQ(log->durable(), kThreads * kEach);
  }
  EXPECT_GT(moved, 0u);
  EXPECT_EQ(trouble_with(scratch.path()), "");
  const auto numbers = numbers_in(scratch.path());
  EXPECT_EQ(numbers.size(), kThreads * kEach);
  EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), kThreads * kEach);
  // Each thread's records stand in the order in which it appended them.
  std::vector<std::uint64_t> next(kThreads);
  for (const std::uint64_t n : numbers) EXPECT_EQ(n % kEach, next[n / kEach]++);
}

}  // namespace
}  // namespace pgward::audit
