// The driver of a session over real sockets: what waits, what is held back, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/link_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LinkTest : public testing::Test {
 protected:
  LinkTest() { h.log_in(); }
  // Everything that both sides still have for the client, taken in small pieces.
  Bytes drain_to_client(Bytes& left) {
    Bytes got;
    for (int idle = 0; idle < 3;) {
      const std::size_t put = left.empty() ? 0 : LinkHarness::write(h.server_, left);
      left.erase(0, put);
      h.pump();
      const Bytes piece = LinkHarness::read(h.client_, 50'000);
      got += piece;
      idle = piece.empty() && put == 0 ? idle + 1 : 0;
    }
    return got;
  }
  LinkHarness h;
};

TEST_F(LinkTest, a_statement_in_single_bytes_arrives_whole) {
  for (const char byte : query("select 1")) {
    LinkHarness::write(h.client_, ByteView(&byte, 1));
    h.pump();
  }
  EXPECT_EQ(LinkHarness::read(h.server_), query("select 1"));
}

TEST_F(LinkTest, a_client_that_does_not_read_stops_the_server_and_loses_nothing) {
  LinkHarness::write(h.client_, query("select code from codes"));
  h.pump();
  Bytes answer;
  for (int i = 0; i < 8000; ++i) answer += row({std::string(1000, static_cast<char>('a' + i % 26))});
  answer += complete("SELECT 8000") + ready('I');
  Bytes left = answer;
  std::size_t taken = 0;
  for (int quiet = 0; quiet < 3;) {
    const std::size_t put = LinkHarness::write(h.server_, left);
    left.erase(0, put);
    taken += put;
    h.pump();
    quiet = put == 0 ? quiet + 1 : 0;
  }
  // The rest stays with the server: our own buffers and the kernel's are full, and far below the whole.
  EXPECT_LT(taken, std::size_t{3} << 20);
  EXPECT_EQ(drain_to_client(left), answer);
}

TEST_F(LinkTest, a_server_that_does_not_read_stops_the_client) {
  const Bytes statement = query("select 1 -- " + std::string(60'000, 'x'));
  std::size_t taken = 0;
  Bytes left;
  for (int quiet = 0; quiet < 3;) {
    if (left.empty()) left = statement;
    const std::size_t put = LinkHarness::write(h.client_, left);
    left.erase(0, put);
    taken += put;
    h.pump();
    quiet = put == 0 ? quiet + 1 : 0;
    ASSERT_LT(taken, std::size_t{64} << 20);
  }
  EXPECT_LT(taken, std::size_t{4} << 20);
}

TEST_F(LinkTest, a_change_waits_for_its_record) {
  LinkHarness::write(h.client_, query("update patients set name = 'x' where id = 1"));
  h.pump();
  EXPECT_EQ(LinkHarness::read(h.server_), "");
  h.log_synced();
  EXPECT_THAT(LinkHarness::read(h.server_), StartsWith("Q"));
}

TEST_F(LinkTest, rows_wait_for_the_record_of_who_saw_them) {
  LinkHarness::write(h.client_, query("select name from patients where id = 1"));
  h.pump();
  LinkHarness::write(h.server_, row({"Qwerylozarn"}) + complete("SELECT 1") + ready('I'));
  h.pump();
  EXPECT_EQ(LinkHarness::read(h.client_), "");
  h.log_synced();
  h.log_synced();
  EXPECT_THAT(LinkHarness::read(h.client_), HasSubstr("Qwerylozarn"));
}

TEST_F(LinkTest, what_waited_for_a_lost_record_is_gone) {
  LinkHarness::write(h.client_, query("select name from patients where id = 1"));
  h.pump();
  LinkHarness::write(h.server_, row({"Qwerylozarn"}) + complete("SELECT 1") + ready('I'));
  h.pump();
  h.log_.fail();
  ASSERT_TRUE(h.waits_);
  h.link_->on_log_progress();
  h.pump();
  const Bytes heard = LinkHarness::read(h.client_);
  EXPECT_THAT(heard, testing::Not(HasSubstr("Qwerylozarn")));
  EXPECT_TRUE(LinkHarness::ended(h.client_));
  EXPECT_TRUE(LinkHarness::ended(h.server_) || !LinkHarness::read(h.server_).empty());
}

TEST_F(LinkTest, the_servers_last_words_arrive_before_the_end) {
  LinkHarness::write(h.server_, error("57P01", "terminating connection due to administrator command"));
  h.server_.reset();
  h.pump();
  EXPECT_THAT(LinkHarness::read(h.client_), HasSubstr("57P01"));
  EXPECT_TRUE(LinkHarness::ended(h.client_));
}

TEST_F(LinkTest, a_client_that_closes_takes_the_server_session_along) {
  ::shutdown(h.client_.get(), SHUT_WR);
  h.pump();
  EXPECT_TRUE(LinkHarness::ended(h.server_));
  h.client_.reset();
  h.pump();
  EXPECT_TRUE(h.retired_);
}

TEST_F(LinkTest, a_change_and_a_goodbye_together) {
  LinkHarness::write(h.client_, query("update patients set name = 'x' where id = 1") + message('X'));
  ::shutdown(h.client_.get(), SHUT_WR);
  h.pump();
  EXPECT_EQ(LinkHarness::read(h.server_), "");
  h.log_synced();
  EXPECT_THAT(LinkHarness::read(h.server_), testing::EndsWith(message('X')));
  EXPECT_FALSE(LinkHarness::ended(h.client_));
  LinkHarness::write(h.server_, complete("UPDATE 1") + ready('I'));
  h.server_.reset();
  h.pump();
  EXPECT_EQ(LinkHarness::read(h.client_), complete("UPDATE 1") + ready('I'));
  EXPECT_TRUE(LinkHarness::ended(h.client_));
}

TEST_F(LinkTest, a_change_runs_whose_client_said_goodbye_and_went) {
  LinkHarness::write(h.client_, query("update patients set name = 'x' where id = 1") + message('X'));
  h.client_.reset();
  h.pump();
  h.log_synced();
  EXPECT_THAT(LinkHarness::read(h.server_), testing::AllOf(StartsWith("Q"), testing::EndsWith(message('X'))));
  EXPECT_FALSE(LinkHarness::ended(h.server_));
  EXPECT_EQ(h.cancels_, 0);
  LinkHarness::write(h.server_, complete("UPDATE 1") + ready('I'));
  h.server_.reset();
  h.pump();
  EXPECT_TRUE(h.retired_);
}

TEST_F(LinkTest, a_client_that_lingers_is_given_three_seconds) {
  LinkHarness::write(h.client_, message('y'));
  h.pump();
  EXPECT_THAT(LinkHarness::read(h.client_), HasSubstr("08P01"));
  for (int tick = 0; tick < 5; ++tick) h.link_->on_clock();
  EXPECT_TRUE(h.retired_);
}

TEST_F(LinkTest, after_a_tick_the_session_works_on) {
  h.link_->on_clock();  // gives back memory
  LinkHarness::write(h.client_, query("select 1"));
  h.pump();
  h.link_->on_clock();
  EXPECT_EQ(LinkHarness::read(h.server_), query("select 1"));
  LinkHarness::write(h.server_, complete("SELECT 1") + ready('I'));
  h.pump();
  EXPECT_EQ(LinkHarness::read(h.client_), complete("SELECT 1") + ready('I'));
}

}  // namespace
}  // namespace pgward::proxy::test
