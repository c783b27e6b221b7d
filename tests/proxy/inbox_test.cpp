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

// One message of 64 MB, and a session would keep as much for the rest of its life.
TEST(InboxTest, gives_a_large_buffer_back) {
  Inbox inbox;
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 4; ++i) inbox.feed(piece, [](protocol::ByteView&) {});
  inbox.feed("end", [](protocol::ByteView& input) { input = {}; });
  inbox.feed("", [](protocol::ByteView&) {});
  EXPECT_LT(inbox.capacity(), 128u * 1024);
}

TEST(InboxTest, trimming_gives_back_memory_and_never_bytes) {
  Inbox inbox;
  const protocol::Bytes password(500, 'p');
  inbox.feed(password, [](protocol::ByteView&) {});
  inbox.trim();  // nothing was taken yet: nothing goes
  protocol::Bytes got;
  inbox.feed("!", [&](protocol::ByteView& bytes) {
    got = bytes;
    bytes = {};
  });
  EXPECT_EQ(got, password + "!");
  inbox.trim();
  EXPECT_LT(inbox.capacity(), 100u);
}

}  // namespace
}  // namespace pgward::proxy
