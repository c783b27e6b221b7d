// COPY .. FROM STDIN: rows are checked before the server gets them, in both protocols, however messages are
// cut; and what the server ignores is known, not guessed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto kCopy = "copy patients (id, clinic_id) from stdin (delimiter ',')";
const std::string kOwn = "1," + std::string(kTenantA) + "\n";
const std::string kForeign = "2," + std::string(kTenantB) + "\n";

Bytes copy_data(std::string_view bytes) { return message('d', bytes); }
Bytes copy_done() { return message('c'); }
Bytes flush() { return message('H'); }
// CopyInResponse: text, two columns.
Bytes begins(std::size_t columns = 2, char format = 0) {
  return message('G', std::string(1, format) + '\0' + static_cast<char>(columns) + std::string(2 * columns, format));
}

// In COPY, by a simple query.
struct CopyInTest : testing::Test {
  CopyInTest() {
    h.client(query(kCopy));
    h.server(begins());
  }
  RelayHarness h;
};

TEST(CopyInBeginTest, the_intent_is_recorded_before_anything_is_sent) {
  RelayHarness h;
  EXPECT_THAT(h.client(query(kCopy)), ElementsAre("record! stmt.intent", StartsWith("server Q copy public.patients")));
  EXPECT_THAT(h.server(begins()), ElementsAre("client G"));
}

TEST_F(CopyInTest, own_rows_go_on_as_they_came) {
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_data(kOwn + kOwn) + copy_done()),
              ElementsAre("server d 1," + std::string(kTenantA), StartsWith("server d 1,"), "server c"));
  EXPECT_THAT(h.server(complete("COPY 3") + ready('I')), ElementsAre("record stmt.result", "client C COPY 3", "client Z I"));
  EXPECT_TRUE(h.relay.idle());
}

TEST_F(CopyInTest, a_foreign_row_fails_the_copy) {
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_data(kOwn + kForeign)),
              ElementsAre(StartsWith("server d 1,"), "record stmt.deny", "server f pgward: rows refused"));
  // What the client had on its way.
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_done()), IsEmpty());
  EXPECT_THAT(h.server(error("57014", "COPY from stdin failed") + ready('I')),
              ElementsAre(HasSubstr("C42501"), "record stmt.result", "client Z I"));
  EXPECT_THAT(h.client(query("select 1")), ElementsAre("server Q select 1"));
}

TEST_F(CopyInTest, messages_and_pieces_are_cut_anywhere) {
  const Bytes bytes = copy_data("1,") + copy_data(std::string(kTenantA)) + copy_data("\n2," + std::string(kTenantA)) + copy_done();
  std::vector<std::string> all;
  for (char byte : bytes) {
    const auto some = h.client(Bytes(1, byte));
    all.insert(all.end(), some.begin(), some.end());
  }
  // The row ends with its line; the second one with the data.
  EXPECT_THAT(all, ElementsAre("server d 1," + std::string(kTenantA), "server d 2," + std::string(kTenantA), "server c"));
}

TEST_F(CopyInTest, a_foreign_row_without_its_line_end_fails_too) {
  EXPECT_THAT(h.client(copy_data("2," + std::string(kTenantB))), IsEmpty());
  EXPECT_THAT(h.client(copy_done()), ElementsAre("record stmt.deny", "server f pgward: rows refused"));
}

TEST_F(CopyInTest, what_cannot_be_read_is_refused) {
  h.client(copy_data("no tenant\n"));
  EXPECT_THAT(h.server(error("57014", "x") + ready('I')), ElementsAre(HasSubstr("C22P04"), "record stmt.result", "client Z I"));
}

TEST_F(CopyInTest, flush_and_sync_are_ignored) {
  EXPECT_THAT(h.client(flush() + sync() + copy_data(kOwn) + sync() + copy_done()), ElementsAre(StartsWith("server d"), "server c"));
}

TEST_F(CopyInTest, the_client_may_give_up) {
  EXPECT_THAT(h.client(message('f', std::string("why") + '\0')), ElementsAre("server f why"));
  EXPECT_THAT(h.server(error("57014", "COPY from stdin failed") + ready('I')),
              ElementsAre(HasSubstr("C57014"), "record stmt.result", "client Z I"));
}

TEST_F(CopyInTest, after_an_error_of_the_servers_data_are_ignored) {
  h.client(copy_data(kOwn));
  EXPECT_THAT(h.server(error("23505", "x") + ready('I')), ElementsAre(HasSubstr("C23505"), "record stmt.result", "client Z I"));
  EXPECT_THAT(h.client(copy_data(kForeign) + copy_done() + query("select 1")), ElementsAre("server Q select 1"));
}

TEST_F(CopyInTest, an_error_in_the_middle_of_a_message) {
  const Bytes large = copy_data(kOwn + kForeign);
  h.client(large.substr(0, 5 + kOwn.size()));
  h.server(error("23505", "x") + ready('I'));
  EXPECT_THAT(h.client(large.substr(5 + kOwn.size()) + query("select 1")), ElementsAre("server Q select 1"));
}

TEST_F(CopyInTest, other_messages_end_the_session) {
  const auto list = h.client(query("select 1"));
  EXPECT_THAT(list.front(), HasSubstr("C08P01"));
  EXPECT_TRUE(h.relay.over());
}

// As everything else that does not belong there: the server fails, loses its place and closes.
TEST_F(CopyInTest, terminate_is_the_servers_to_answer) {
  EXPECT_THAT(h.client(message('X') + copy_data(kOwn)), ElementsAre("server X"));
  EXPECT_TRUE(h.relay.leaving());
  EXPECT_THAT(h.server(error("08P01", "unexpected message type 0x58 during COPY from stdin")), Contains(HasSubstr("C08P01")));
  EXPECT_FALSE(h.relay.over());
}

TEST(CopyInBeginTest, what_the_server_says_must_fit) {
  for (const Bytes& other : {begins(3), begins(2, 1), begins(1)}) {
    RelayHarness h;
    h.client(query(kCopy));
    h.server(other);
    EXPECT_TRUE(h.relay.over());
  }
  RelayHarness h;
  h.client(query("select name from patients"));
  h.server(begins());
  EXPECT_TRUE(h.relay.over());
}

TEST(CopyInBeginTest, data_wait_until_the_server_copies) {
  RelayHarness h;
  EXPECT_THAT(h.client(query(kCopy) + copy_data(kOwn) + copy_done() + query("select 1")), ElementsAre("record! stmt.intent", StartsWith("server Q")));
  EXPECT_TRUE(h.relay.waiting());
  EXPECT_THAT(h.server(begins()), ElementsAre("client G", StartsWith("server d"), "server c", "server Q select 1"));
}

TEST(CopyInBeginTest, data_are_ignored_when_it_does_not) {
  RelayHarness h;
  h.client(query(kCopy) + copy_data(kForeign) + copy_done() + query("select 1"));
  EXPECT_THAT(h.server(error("42501", "permission denied for table patients") + ready('I')),
              ElementsAre(StartsWith("client E"), "record stmt.result", "client Z I", "server Q select 1"));
}

TEST(CopyInBeginTest, outside_of_copy_data_are_ignored_piece_by_piece) {
  RelayHarness h;
  const Bytes large = copy_data(std::string(100'000, 'x'));
  EXPECT_THAT(h.client(large.substr(0, 50'000)), IsEmpty());
  EXPECT_THAT(h.client(large.substr(50'000) + query("select 1")), ElementsAre("server Q select 1"));
}

TEST(CopyInBeginTest, several_in_one_string) {
  RelayHarness h;
  const std::string two = std::string(kCopy) + "; " + kCopy + "; select 1";
  EXPECT_THAT(h.client(query(two)), ElementsAre("record! stmt.intent", "record! stmt.intent", StartsWith("server Q")));
  h.server(begins());
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_done() + copy_data(kForeign)), ElementsAre(StartsWith("server d"), "server c"));
  EXPECT_TRUE(h.relay.waiting());
  EXPECT_THAT(h.server(complete("COPY 1") + begins()),
              ElementsAre("record stmt.result", "client C COPY 1", "client G", "record stmt.deny", "server f pgward: rows refused"));
  EXPECT_THAT(h.server(error("57014", "x") + ready('I')),
              ElementsAre(HasSubstr("C42501"), "record stmt.result", "record tx.end", "client Z I"));
}

// libpq sends Parse, Bind, Describe, Execute and Sync in one go, and another Sync behind CopyDone. The server
// would ignore the first Sync, or not, depending on when it fails: it does not get it.
TEST(CopyInExtendedTest, the_sync_before_the_data_is_not_for_the_server) {
  RelayHarness h;
  const auto sent = h.client(parse("", kCopy) + bind_to("", "") + execute("") + sync());
  EXPECT_THAT(sent, ElementsAre(StartsWith("server P"), "server B", "record! stmt.intent", "server E"));
  EXPECT_THAT(h.server(message('1') + message('2') + begins()), ElementsAre("client 1", "client 2", "client G"));
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_done() + sync()), ElementsAre(StartsWith("server d"), "server c", "server S"));
  EXPECT_THAT(h.server(complete("COPY 1") + ready('I')), ElementsAre("record stmt.result", "client C COPY 1", "client Z I"));
}

TEST(CopyInExtendedTest, an_error_instead_of_copying_lets_the_sync_go_on) {
  RelayHarness h;
  h.client(parse("", kCopy) + bind_to("", "") + execute("") + sync());
  EXPECT_THAT(h.server(message('1') + message('2') + error("42501", "permission denied for table patients")),
              ElementsAre("client 1", "client 2", StartsWith("client E"), "record stmt.result", "server S"));
  EXPECT_THAT(h.server(ready('I')), ElementsAre("client Z I"));
}

TEST(CopyInExtendedTest, after_a_foreign_row_everything_up_to_sync_is_ignored) {
  RelayHarness h;
  h.client(parse("", kCopy) + bind_to("", "") + execute("") + sync());
  h.server(message('1') + message('2') + begins());
  EXPECT_THAT(h.client(copy_data(kForeign)), ElementsAre("record stmt.deny", "server f pgward: rows refused"));
  EXPECT_THAT(h.server(error("57014", "x")), ElementsAre(HasSubstr("C42501"), "record stmt.result"));
  EXPECT_THAT(h.client(copy_data(kOwn) + copy_done() + parse("", "select 1") + sync()), ElementsAre("server S"));
  EXPECT_THAT(h.server(ready('I')), ElementsAre("client Z I"));
  EXPECT_TRUE(h.relay.idle());
}

}  // namespace
}  // namespace pgward::proxy::test
