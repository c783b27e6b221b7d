// What a COMMIT, a ROLLBACK and a ROLLBACK TO make of the changes before them.
#include "proxy/session/ledger.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

using Range = StatementRange;

TEST(Ledger, NothingChangedIsNothingCommitted) {
  Ledger ledger;
  EXPECT_FALSE(ledger.uncommitted());
  EXPECT_EQ(ledger.ended(3), std::nullopt);
}

TEST(Ledger, AChangeOnItsWayIsUncommittedUntilItsTransactionEnds) {
  Ledger ledger;
  ledger.sent(2);
  ledger.sent(5);
  EXPECT_EQ(ledger.unsettled(), (Range{1, 5}));
  ledger.ran(2);
  EXPECT_EQ(ledger.unsettled(), (Range{2, 5}));
  ledger.ran(5);
  EXPECT_TRUE(ledger.uncommitted());
  EXPECT_EQ(ledger.ended(6), (Range{2, 5}));
  EXPECT_FALSE(ledger.uncommitted());
}

// Pipelined: the end of one transaction says nothing about a statement behind it.
TEST(Ledger, WhatWasSentBehindTheEndIsStillUncommitted) {
  Ledger ledger;
  ledger.sent(1);
  ledger.sent(2);
  ledger.ran(1);
  EXPECT_EQ(ledger.ended(1), (Range{1, 1}));
  EXPECT_EQ(ledger.unsettled(), (Range{2, 2}));
}

TEST(Ledger, RollingBackToASavepointUndoesWhatCameAfterIt) {
  Ledger ledger;
  ledger.ran(2);
  ledger.savepoint("a", 3);
  ledger.ran(4);
  ledger.ran(5);
  EXPECT_EQ(ledger.rolled_back_to("a", 7), (Range{4, 6}));
  EXPECT_EQ(ledger.rolled_back_to("a", 8), std::nullopt);  // it is still there, and nothing came since
  ledger.ran(9);
  EXPECT_EQ(ledger.rolled_back_to("a", 10), (Range{4, 9}));
  EXPECT_EQ(ledger.ended(11), (Range{2, 3}));
}

TEST(Ledger, AllOfItMayBeUndone) {
  Ledger ledger;
  ledger.savepoint("a", 1);
  ledger.ran(2);
  EXPECT_EQ(ledger.rolled_back_to("a", 3), (Range{2, 2}));
  EXPECT_EQ(ledger.ended(4), std::nullopt);
}

TEST(Ledger, TheLastSavepointOfANameCountsAndAnOlderOneComesBack) {
  Ledger ledger;
  ledger.savepoint("a", 1);
  ledger.ran(2);
  ledger.savepoint("a", 3);
  ledger.ran(4);
  EXPECT_EQ(ledger.rolled_back_to("a", 5), (Range{4, 4}));
  ledger.released("a");
  EXPECT_EQ(ledger.rolled_back_to("a", 7), (Range{2, 6}));
}

TEST(Ledger, GoingBackForgetsTheSavepointsBehind) {
  Ledger ledger;
  ledger.savepoint("a", 1);
  ledger.savepoint("b", 2);
  EXPECT_EQ(ledger.rolled_back_to("a", 3), std::nullopt);
  ledger.ran(4);
  EXPECT_EQ(ledger.rolled_back_to("b", 5), std::nullopt);
  EXPECT_TRUE(ledger.vague());
}

// Of a savepoint that nobody knows, nothing is claimed: a change that is said to be undone and is not would be hidden.
TEST(Ledger, TooManySavepointsLeaveOpenWhatWasUndone) {
  Ledger ledger;
  ledger.ran(1);
  for (std::uint64_t n = 2; n < 5000; ++n) ledger.savepoint("s" + std::to_string(n), n);
  ledger.ran(5000);
  EXPECT_EQ(ledger.rolled_back_to("s4000", 5001), std::nullopt);
  EXPECT_TRUE(ledger.vague());
  EXPECT_EQ(ledger.ended(5002), (Range{1, 5000}));
  EXPECT_FALSE(ledger.vague());
}

}  // namespace
}  // namespace pgward::proxy
