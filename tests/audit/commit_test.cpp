// Who waits for a record may write it: at once while the disk is quick, with those who are likely to come, and never when
// something is not as it should be.
#include <chrono>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "disk_faults.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

using std::chrono::microseconds;

class Commit : public testing::Test {
 protected:
  void TearDown() override { disk_faults().clear(); }

  void open(std::int64_t sync_us = 100) {
    LogConfig config = config_for(scratch_.path());
    config.steady_us = [this, sync_us] { return clock_.fetch_add(sync_us) + sync_us; };
    config.on_progress = [this] { told_by_ = std::this_thread::get_id(); };
    log_ = open_log(config);
  }
  Ticket append() { return log_->append(numbered(++number_), kNow, Pace::commit); }
  void commit_alone() {
    const Ticket ticket = append();
    ASSERT_EQ(log_->commit(), std::nullopt);
    ASSERT_EQ(log_->fate(ticket), Fate::durable);
  }
  void await(const std::function<bool()>& event) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!event()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  Scratch scratch_;
  std::atomic<std::int64_t> clock_{0};
  std::atomic<std::thread::id> told_by_{};
  std::uint64_t number_ = 0;
  std::unique_ptr<Log> log_;
};

TEST_F(Commit, writes_in_the_thread_that_calls) {
  open();
  const Ticket first = append(), second = append();
  EXPECT_EQ(log_->commit(), std::nullopt);
  EXPECT_EQ(log_->fate(first), Fate::durable);
  EXPECT_EQ(log_->fate(second), Fate::durable);
  EXPECT_EQ(told_by_, std::this_thread::get_id());
  log_.reset();
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(Commit, takes_along_what_nobody_waits_for) {
  open();
  const Ticket other = log_->append(numbered(++number_), kNow, Pace::soon);
  commit_alone();
  EXPECT_EQ(log_->fate(other), Fate::durable);
}

TEST_F(Commit, has_nothing_to_do_when_nobody_waits) {
  open();
  const unsigned before = disk_faults().syncs;
  EXPECT_EQ(log_->commit(), std::nullopt);
  EXPECT_EQ(disk_faults().syncs, before);
}

TEST_F(Commit, waits_a_moment_for_those_who_were_served_together) {
  open();
  append();
  append();
  ASSERT_EQ(log_->commit(), std::nullopt);
  const Ticket one = append();
  const auto left = log_->commit();
  ASSERT_TRUE(left);
  EXPECT_GT(left->count(), 0);
  EXPECT_LE(left->count(), 250);
  EXPECT_EQ(log_->fate(one), Fate::waiting);
  const Ticket other = append();
  EXPECT_EQ(log_->commit(), std::nullopt) << "here they are";
  EXPECT_EQ(log_->fate(other), Fate::durable);

  const Ticket alone = append();
  ASSERT_TRUE(log_->commit());
  clock_ += 250;
  EXPECT_EQ(log_->commit(), std::nullopt) << "they do not come";
  EXPECT_EQ(log_->fate(alone), Fate::durable);
}

TEST_F(Commit, leaves_a_slow_disk_to_the_thread_of_the_log) {
  open(20'000);  // by this clock
  commit_alone();
  told_by_ = std::thread::id();
  append();
  EXPECT_EQ(log_->commit(), std::nullopt);
  ASSERT_NO_FATAL_FAILURE(await([this] { return told_by_.load() != std::thread::id(); }));
  EXPECT_NE(told_by_.load(), std::this_thread::get_id());
}

TEST_F(Commit, without_a_clock_is_for_the_thread_of_the_log) {
  log_ = open_log(config_for(scratch_.path()));
  const Ticket ticket = append();
  EXPECT_EQ(log_->commit(), std::nullopt);
  ASSERT_NO_FATAL_FAILURE(await([&] { return log_->fate(ticket) == Fate::durable; }));
}

TEST_F(Commit, on_a_failing_disk_loses_what_was_queued_and_the_log_is_mended) {
  open();
  commit_alone();
  disk_faults().sync_error = EIO;
  const Ticket lost = append();
  EXPECT_EQ(log_->commit(), std::nullopt);
  EXPECT_EQ(log_->fate(lost), Fate::lost);
  EXPECT_TRUE(log_->failed());
  EXPECT_EQ(append(), 0u);
  EXPECT_EQ(log_->commit(), std::nullopt);
  disk_faults().clear();
  ASSERT_NO_FATAL_FAILURE(await([this] { return !log_->failed(); }));
  commit_alone();
  log_.reset();
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{1, 4}));
}

// Under the thread sanitizer, too: each either writes, or finds that somebody else does, who hands over what is left.
TEST_F(Commit, by_many_leaves_nobody_waiting) {
  constexpr std::uint64_t kThreads = 6, kEach = 200;
  LogConfig config = config_for(scratch_.path());
  config.segment_bytes = 50'000;
  config.steady_us = [] { return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  log_ = open_log(config);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t n = 0; n < kEach; ++n) {
        const Ticket ticket = log_->append(numbered(t * kEach + n), kNow, Pace::commit);
        ASSERT_NE(ticket, 0u);
        while (log_->fate(ticket) == Fate::waiting) {
          if (const auto left = log_->commit()) std::this_thread::sleep_for(*left);
          std::this_thread::yield();
        }
        ASSERT_EQ(log_->fate(ticket), Fate::durable);
      }
    });
  for (auto& thread : threads) thread.join();
  log_.reset();
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_EQ(numbers_in(scratch_.path()).size(), kThreads * kEach);
}

}  // namespace
}  // namespace pgward::audit
