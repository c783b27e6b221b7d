// Records that nobody waits for: they ride along, and do not wait for ever.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "audit/queue.h"

namespace pgward::audit {
namespace {

Ticket push(Queue& queue, Pace pace) { return queue.push("\"type\":\"x\"", 1, pace); }

// How many were handed over; 0: the writer's end.
std::size_t take(Queue& queue) {
  std::vector<Entry> batch;
  Ticket last = 0;
  if (!queue.wait()) return 0;
  queue.take(batch, last);
  return batch.size();
}

TEST(PaceTest, a_record_that_nobody_waits_for_comes_with_the_next_that_somebody_does) {
  Queue queue(1u << 20);
  ASSERT_EQ(push(queue, Pace::soon), 1u);
  ASSERT_EQ(push(queue, Pace::now), 2u);
  std::vector<Entry> batch;
  Ticket last = 0;
  ASSERT_TRUE(queue.wait());
  queue.take(batch, last);
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_EQ(last, 2u);
}

TEST(PaceTest, alone_it_is_handed_over_all_the_same) {
  Queue queue(1u << 20);
  auto taken = std::async(std::launch::async, [&] { return take(queue); });
  push(queue, Pace::soon);
  EXPECT_EQ(taken.get(), 1u);
}

// Two were served together; of the next two the first waits for the second.
TEST(PaceTest, those_who_were_served_together_are_waited_for) {
  Queue queue(1u << 20);
  push(queue, Pace::now);
  push(queue, Pace::now);
  ASSERT_EQ(take(queue), 2u);
  // Nobody comes back: it is handed over alone after a moment, and then one is expected, not two.
  for (int round = 0; round < 2; ++round) {
    push(queue, Pace::now);
    EXPECT_EQ(take(queue), 1u);
  }
  // Pushed before the first take() ends its waiting, they travel together.
  push(queue, Pace::now);
  push(queue, Pace::now);
  EXPECT_EQ(take(queue), 2u);
}

TEST(PaceTest, hurry_does_not_wait_for_company) {
  Queue queue(1u << 20);
  push(queue, Pace::now);
  push(queue, Pace::now);
  ASSERT_EQ(take(queue), 2u);
  push(queue, Pace::now);
  queue.hurry();
  EXPECT_EQ(take(queue), 1u);
}

// take() without a batch is the writer's end: what was dropped meanwhile must not look like it.
TEST(PaceTest, hurry_is_forgotten_with_what_was_dropped) {
  Queue queue(1u << 20);
  push(queue, Pace::soon);
  queue.hurry();
  queue.close();
  queue.reopen();
  auto taken = std::async(std::launch::async, [&] { return take(queue); });
  EXPECT_EQ(taken.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  push(queue, Pace::now);
  EXPECT_EQ(taken.get(), 1u);
}

// What woke the writer may be gone before it looks: it must be woken for the next as well.
TEST(PaceTest, a_committer_may_take_what_the_writer_was_woken_for) {
  Queue queue(1u << 20);
  auto taken = std::async(std::launch::async, [&] { return take(queue); });
  ASSERT_EQ(taken.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout) << "asleep, most likely";
  push(queue, Pace::soon);
  std::vector<Entry> batch;
  Ticket last = 0;
  queue.take(batch, last);
  if (taken.wait_for(std::chrono::milliseconds(30)) == std::future_status::ready) return;  // it was quicker
  push(queue, Pace::soon);
  EXPECT_EQ(taken.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  queue.stop();
}

TEST(PaceTest, a_committer_waits_a_moment_for_those_who_were_served_together) {
  using std::chrono::microseconds;
  Queue queue(1u << 20);
  std::vector<Entry> batch;
  Ticket last = 0;
  push(queue, Pace::commit);
  push(queue, Pace::commit);
  queue.take(batch, last);
  EXPECT_FALSE(queue.due(microseconds{1000}, microseconds{100}));  // nobody came
  push(queue, Pace::commit);
  EXPECT_EQ(*queue.due(microseconds{1200}, microseconds{100}), microseconds{250});
  EXPECT_EQ(*queue.due(microseconds{1449}, microseconds{100}), microseconds{1});
  EXPECT_EQ(*queue.due(microseconds{1450}, microseconds{100}), microseconds{0});
  push(queue, Pace::commit);
  EXPECT_EQ(*queue.due(microseconds{1210}, microseconds{100}), microseconds{0});  // both are there
}

TEST(PaceTest, a_committer_alone_never_waits) {
  using std::chrono::microseconds;
  Queue queue(1u << 20);
  std::vector<Entry> batch;
  Ticket last = 0;
  for (int round = 0; round < 3; ++round) {
    push(queue, Pace::commit);
    EXPECT_EQ(*queue.due(microseconds{1000}, microseconds{100}), microseconds{0});
    queue.take(batch, last);
    EXPECT_FALSE(queue.due(microseconds{1100}, microseconds{100}));
  }
}

TEST(PaceTest, hurry_hands_over_what_is_queued) {
  Queue queue(1u << 20);
  push(queue, Pace::soon);
  queue.hurry();
  EXPECT_EQ(take(queue), 1u);
}

}  // namespace
}  // namespace pgward::audit
