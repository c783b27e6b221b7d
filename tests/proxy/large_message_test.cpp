// Messages that are not complete: what is held of them is bounded, and refused beyond in its place among the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_THAT(h.client(long_query.substr(20 + 3 * kMiB) + query("select 2")), ElementsAre("server Q select 2"));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C54000")));
}

TEST_F(LargeMessageTest, so_is_a_parse_and_its_segment_is_skipped) {
  const Bytes large = parse("", "select 1 -- " + std::string(6 * kMiB, 'x'));
  EXPECT_THAT(h.client(large.substr(0, 5)), IsEmpty());  // named or not?
  EXPECT_THAT(h.client(large.substr(5, 1)), ElementsAre(StartsWith("server D")));
  h.client(large.substr(6) + sync());
  EXPECT_THAT(h.server(error("26000", "no such statement") + ready('I')), Contains(HasSubstr("C54000")));
}

TEST_F(LargeMessageTest, what_all_hold_together_is_bounded) {
  others_hold_much();
  const Bytes large = query("select 1 -- " + std::string(200'000, 'x'));
  EXPECT_THAT(h.client(large.substr(0, 90'000)), IsEmpty());
  EXPECT_EQ(h.services.memory_.held(), 8 * kMiB - 10'000);
  EXPECT_THAT(h.client(large.substr(90'000, 20'000)), ElementsAre(kFailing));
  EXPECT_EQ(h.services.memory_.held(), 8 * kMiB - 100'000) << "given back";
  EXPECT_THAT(h.client(large.substr(110'000) + query("select 2")), ElementsAre("server Q select 2"));
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
