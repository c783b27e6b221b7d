#include "proxy/net/cancel_registry.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

TEST(CancelRegistryTest, only_our_own_key_opens_the_servers) {
  CancelRegistry registry;
  registry.add(7, "ours", "theirs");
  EXPECT_EQ(registry.find(7, "ours"), "theirs");
  EXPECT_EQ(registry.find(7, "theirs"), std::nullopt);
  EXPECT_EQ(registry.find(7, "our"), std::nullopt);
  EXPECT_EQ(registry.find(8, "ours"), std::nullopt);
}

TEST(CancelRegistryTest, a_late_removal_spares_the_next_session_with_that_number) {
  CancelRegistry registry;
  registry.add(7, "old", "a");
  registry.add(7, "new", "b");
  registry.remove(7, "old");
  EXPECT_EQ(registry.find(7, "new"), "b");
  registry.remove(7, "new");
  EXPECT_EQ(registry.find(7, "new"), std::nullopt);
}

}  // namespace
}  // namespace pgward::proxy
