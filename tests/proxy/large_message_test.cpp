// Messages that are not complete: what is held of them is bounded, and refused beyond in its place among the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/sha256.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::string_view kFailing = "server Q pgward: statement refused";

class LargeMessageTest : public testing::Test {
 protected:
  RelayHarness h;
  const Bytes long_query = query("select 1 -- " + std::string(6 * kMiB, 'x'));
  // All but a bit of what may be held is held by another session.
  MessageMemory::Share other{h.services.memory_};
  void others_hold_much() { other.must_hold(8 * kMiB - 100'000); }
};

TEST_F(LargeMessageTest, a_text_above_its_limit_is_refused_at_its_header_and_not_held) {
  EXPECT_THAT(h.client(long_query.substr(0, 20)), ElementsAre(kFailing));
  EXPECT_THAT(h.client(long_query.substr(20, 3 * kMiB)), IsEmpty());
  EXPECT_LT(h.held(), 100u);
  EXPECT_THAT(h.client(long_query.substr(20 + 3 * kMiB) + query("select 2")), ElementsAre("record stmt.deny", "server Q select 2"));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C54000")));
}

TEST_F(LargeMessageTest, so_is_a_parse_and_its_segment_is_skipped) {
  const Bytes large = parse("", "select 1 -- " + std::string(6 * kMiB, 'x'));
  EXPECT_THAT(h.client(large.substr(0, 5)), IsEmpty());  // named or not?
  EXPECT_THAT(h.client(large.substr(5, 1)), ElementsAre(StartsWith("server D")));
  h.client(large.substr(6) + sync());
  EXPECT_THAT(h.server(error("26000", "no such statement") + ready('I')), Contains(HasSubstr("C54000")));
}

// No bypass by size: the trail has its hash and its size, however it came.
TEST_F(LargeMessageTest, a_text_that_is_not_held_is_named_by_hash_and_size) {
  const std::string text = "select 1 -- " + std::string(6 * kMiB, 'x');
  for (const Bytes& large : {query(text), parse("a name", text, {23, 25}), parse("", text)}) {
    for (const std::size_t piece : {std::size_t{7}, std::size_t{65'536}, large.size()}) {
      RelayHarness one;
      Actions actions;
      Inbox in;
      // The first bytes one by one: head, name and text are cut anywhere.
      std::size_t at = 0;
      while (at < large.size()) {
        const std::size_t size = at < 40 ? std::min<std::size_t>(piece, 3) : std::max<std::size_t>(piece, 4096);
        in.feed(ByteView(large).substr(at, size), [&](ByteView& input) { one.relay.client(input, actions); });
        at += size;
      }
      std::vector<std::string> records;
      for (const Action& action : actions.list())
        if (const auto* record = std::get_if<Record>(&action)) records.push_back(record->members);
      ASSERT_EQ(records.size(), 1u);
      EXPECT_THAT(records[0], HasSubstr(R"("sql":{"sha256":")" + audit::sha256_hex(text) + R"(","bytes":)" + std::to_string(text.size()) + "}"));
      EXPECT_THAT(records[0], HasSubstr(R"("reason":"too_large")"));
    }
  }
}

TEST_F(LargeMessageTest, one_that_never_comes_to_its_end_is_named_by_what_came) {
  h.client(long_query.substr(0, 1005));
  Actions actions;
  h.relay.close("client went away", actions);
  const auto* record = std::get_if<Record>(&actions.list().front());
  ASSERT_NE(record, nullptr);
  EXPECT_THAT(record->members, HasSubstr(R"("sql":{"sha256":")" + audit::sha256_hex(long_query.substr(5, 1000)) + R"(","bytes":1000})"));
}

TEST_F(LargeMessageTest, what_all_hold_together_is_bounded) {
  others_hold_much();
  const Bytes large = query("select 1 -- " + std::string(200'000, 'x'));
  EXPECT_THAT(h.client(large.substr(0, 90'000)), IsEmpty());
  EXPECT_EQ(h.services.memory_.held(), 8 * kMiB - 10'000);
  EXPECT_THAT(h.client(large.substr(90'000, 20'000)), ElementsAre(kFailing));
  EXPECT_EQ(h.services.memory_.held(), 8 * kMiB - 100'000) << "given back";
  EXPECT_THAT(h.client(large.substr(110'000) + query("select 2")), ElementsAre("record stmt.deny", "server Q select 2"));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C53200")));
}

TEST_F(LargeMessageTest, bind_is_refused_in_its_place) {
  others_hold_much();
  h.client(parse("s", "select 1") + sync());
  h.server(message('1') + ready('I'));
  const Bytes large = bind_to("", "s", {std::string(400'000, 'x')});
  EXPECT_THAT(h.client(large.substr(0, 150'000)), ElementsAre(StartsWith("server D")));
  EXPECT_THAT(h.client(large.substr(150'000) + execute("") + sync()), Contains("server S"));
  EXPECT_THAT(h.server(error("26000", "no such statement") + ready('I')), Contains(HasSubstr("C53200")));
  EXPECT_THAT(h.client(query("select 2")), ElementsAre("server Q select 2"));
}

TEST_F(LargeMessageTest, small_ones_pass_when_there_is_no_room) {
  other.must_hold(8 * kMiB);
  const Bytes small = query("select 1 -- " + std::string(15'000, 'x'));
  h.client(small.substr(0, 14'000));
  EXPECT_THAT(h.client(small.substr(14'000)), ElementsAre(StartsWith("server Q select 1")));
}

TEST_F(LargeMessageTest, what_is_taken_is_given_back) {
  const Bytes large = query("select 1 -- " + std::string(2 * kMiB, 'x'));
  h.client(large.substr(0, 2 * kMiB));
  EXPECT_EQ(h.services.memory_.held(), 2 * kMiB);
  EXPECT_THAT(h.client(large.substr(2 * kMiB)), ElementsAre(StartsWith("server Q select 1")));
  EXPECT_EQ(h.services.memory_.held(), 0u);
}

// A driver that writes to a large object by number.
TEST_F(LargeMessageTest, a_large_function_call_is_refused_as_a_small_one) {
  const Bytes call = message('F', std::string(2 * kMiB, 'x'));
  EXPECT_THAT(h.client(call.substr(0, kMiB)), ElementsAre(kFailing));
  EXPECT_THAT(h.client(call.substr(kMiB) + query("select 2")), ElementsAre("server Q select 2"));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C42501")));
}

TEST_F(LargeMessageTest, skipped_ones_are_dropped) {
  h.client(bind_to("", "missing") + message('H'));
  h.server(error("26000", "no such statement"));
  EXPECT_THAT(h.client(long_query.substr(0, kMiB)), IsEmpty());
  EXPECT_THAT(h.client(long_query.substr(kMiB) + sync()), ElementsAre("server S"));
}

// The server ends the session over these without a word.
TEST_F(LargeMessageTest, names_above_what_the_server_reads_end_the_session) {
  EXPECT_THAT(h.client(message('E', std::string(20'000, 'p')).substr(0, 10)), Contains(HasSubstr("C08P01")));
  EXPECT_TRUE(h.relay.over());
}

TEST(LargeMessageGoneTest, a_session_that_ends_gives_its_share_back) {
  MessageMemory memory(kMiB);
  {
    MessageMemory::Share share(memory);
    EXPECT_TRUE(share.hold(kMiB));
    EXPECT_FALSE(share.hold(kMiB + 1));
    EXPECT_EQ(memory.held(), kMiB);
    share.must_hold(2 * kMiB);
    EXPECT_TRUE(share.hold(20'000)) << "less than before is always possible";
  }
  EXPECT_EQ(memory.held(), 0u);
}

}  // namespace
}  // namespace pgward::proxy::test
