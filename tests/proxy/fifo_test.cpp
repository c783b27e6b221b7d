#include "proxy/session/fifo.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

namespace pgward::proxy::test {
namespace {

TEST(FifoTest, behaves_as_a_deque_whatever_the_order_of_pushes_and_pops) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Fifo<int> fifo;
    std::deque<int> deque;
    unsigned state = seed * 7919;
    for (int i = 0; i < 5000; ++i) {
      state = state * 1664525 + 1013904223;
      // Long phases of growing and of shrinking.
      const bool grow = (state >> 16) % 100 < ((i / 500) % 2 == 0 ? 70u : 30u);
      if (grow || deque.empty()) {
        fifo.push_back(i);
        deque.push_back(i);
      } else {
        fifo.pop_front();
        deque.pop_front();
      }
      ASSERT_EQ(fifo.size(), deque.size());
      if (deque.empty()) continue;
      ASSERT_EQ(fifo.front(), deque.front());
      ASSERT_EQ(fifo.back(), deque.back());
      ASSERT_EQ(fifo[fifo.size() / 2], deque[deque.size() / 2]);
    }
  }
}

TEST(FifoTest, what_was_taken_is_let_go_at_once) {
  Fifo<std::shared_ptr<int>> fifo;
  auto one = std::make_shared<int>(1);
  fifo.push_back(one);
  fifo.push_back(nullptr);
  EXPECT_EQ(one.use_count(), 2);
  fifo.pop_front();
  EXPECT_EQ(one.use_count(), 1);
}

TEST(FifoTest, an_empty_queue_holds_little_and_a_trimmed_one_nothing) {
  Fifo<int> fifo;
  EXPECT_EQ(fifo.capacity(), 0u);
  for (int i = 0; i < 10'000; ++i) fifo.push_back(i);
  while (!fifo.empty()) fifo.pop_front();
  EXPECT_LE(fifo.capacity(), 64u);
  fifo.push_back(1);
  fifo.trim();
  EXPECT_EQ(fifo.size(), 1u);
  fifo.pop_front();
  fifo.trim();
  EXPECT_EQ(fifo.capacity(), 0u);
}

TEST(FifoTest, a_queue_that_is_never_empty_does_not_grow) {
  Fifo<int> fifo;
  fifo.push_back(0);
  for (int i = 1; i < 100'000; ++i) {
    fifo.push_back(i);
    fifo.pop_front();
  }
  EXPECT_LE(fifo.capacity(), 8u);
}

}  // namespace
}  // namespace pgward::proxy::test
