#include "audit/fates.h"

#include <gtest/gtest.h>

namespace pgward::audit {
namespace {

TEST(Fates, DurableUpToTheSettledOne) {
  Fates fates;
  EXPECT_EQ(fates.of(0), Fate::lost);
  EXPECT_EQ(fates.of(1), Fate::waiting);
  EXPECT_EQ(fates.durable(), 0u);
  fates.settle(3);
  EXPECT_EQ(fates.of(3), Fate::durable);
  EXPECT_EQ(fates.of(4), Fate::waiting);
  EXPECT_EQ(fates.durable(), 3u);
}

TEST(Fates, LostOnesStayLostWhateverComesAfterThem) {
  Fates fates;
  fates.settle(3);
  fates.lose(4, 6);
  EXPECT_EQ(fates.of(6), Fate::lost);
  EXPECT_EQ(fates.of(7), Fate::waiting);
  fates.settle(9);
  fates.lose(10, 10);
  fates.settle(12);
  const std::string expected = "LDDDLLLDDDLDDW";
  for (Ticket t = 0; t < expected.size(); ++t) {
    const Fate fate = expected[t] == 'D' ? Fate::durable : expected[t] == 'L' ? Fate::lost : Fate::waiting;
    EXPECT_EQ(fates.of(t), fate) << t;
  }
  EXPECT_EQ(fates.durable(), 3u) << "a watermark must not pass a lost ticket";
}

TEST(Fates, FirstTicketLost) {
  Fates fates;
  fates.lose(1, 1);
  fates.settle(2);
  EXPECT_EQ(fates.of(1), Fate::lost);
  EXPECT_EQ(fates.of(2), Fate::durable);
  EXPECT_EQ(fates.durable(), 0u);
}

// Memory is bounded, and what is forgotten turns to the safe side.
TEST(Fates, ThousandsOfGapsAreJoinedToLost) {
  Fates fates;
  const Ticket rounds = Fates::kGapsMax + 10;
  for (Ticket n = 0; n < rounds; ++n) {
    fates.lose(2 * n + 1, 2 * n + 1);
    fates.settle(2 * n + 2);
  }
  for (Ticket n = 0; n < rounds; ++n) {
    EXPECT_EQ(fates.of(2 * n + 1), Fate::lost);
    EXPECT_EQ(fates.of(2 * n + 2), n < 10 ? Fate::lost : Fate::durable) << n;
  }
}

}  // namespace
}  // namespace pgward::audit
