#include "proxy/session/inbox.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

TEST(InboxTest, keeps_what_was_not_taken) {
  Inbox inbox;
  std::string seen;
  auto take_pairs = [&](protocol::ByteView& input) {
    while (input.size() >= 2) {
      seen.append(input.substr(0, 2)).append("|");
      input.remove_prefix(2);
    }
  };
  inbox.feed("abc", take_pairs);
  EXPECT_FALSE(inbox.empty());
  inbox.feed("d", take_pairs);
  EXPECT_TRUE(inbox.empty());
  inbox.feed("ef", take_pairs);
  EXPECT_EQ(seen, "ab|cd|ef|");
}

}  // namespace
}  // namespace pgward::proxy
