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

TEST(RefusalTest, NobodyIsSentToThePolicyForWhatItCannotOpen) {
  EXPECT_EQ(hint_of(Refusal::relation_not_listed, "public.x"), text_of(Refusal::relation_not_listed).hint);
  for (const Refusal refusal : {Refusal::relation_not_listed, Refusal::function_not_allowed})
    EXPECT_EQ(hint_of(refusal, "pg_catalog.x").find("policy'"), std::string_view::npos);
  EXPECT_NE(hint_of(Refusal::relation_not_listed, "pg_catalog.pg_authid"), text_of(Refusal::relation_not_listed).hint);
}

TEST(RefusalTest, AValueThatIsNoneGetsTheHarshestText) {
  EXPECT_EQ(text_of(Refusal::count_).refusal, Refusal::unproven);
}

}  // namespace
}  // namespace pgward::policy
