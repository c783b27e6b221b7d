#include "policy/refusal.h"

#include <gtest/gtest.h>

namespace pgward::policy {
namespace {

TEST(RefusalTest, EveryReasonHasAWholeText) {
  for (int i = 0; i < static_cast<int>(Refusal::count_); ++i) {
    const RefusalText& text = text_of(static_cast<Refusal>(i));
    EXPECT_EQ(static_cast<int>(text.refusal), i);
    EXPECT_EQ(text.sqlstate.size(), 5u) << i;
    EXPECT_FALSE(text.message.empty()) << i;
    EXPECT_FALSE(text.hint.empty()) << i;
    // As the server writes: messages without a full stop, hints as sentences.
    EXPECT_NE(text.message.back(), '.') << text.message;
    EXPECT_EQ(text.hint.back(), '.') << text.hint;
  }
}

TEST(RefusalTest, AValueThatIsNoneGetsTheHarshestText) {
  EXPECT_EQ(text_of(Refusal::count_).refusal, Refusal::unproven);
}

}  // namespace
}  // namespace pgward::policy
