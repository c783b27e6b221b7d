// Pipelines that are long, that are cut by questions of our own, and that the server does not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr auto kProbe = "server Q SHOW search_path";
constexpr auto kFailing = "server Q pgward: statement refused";

Bytes times(std::size_t count, const Bytes& one) {
  Bytes all;
  for (std::size_t i = 0; i < count; ++i) all += one;
  return all;
}

// What is owed is remembered, entry by entry: a client that sends and never reads must not fill our memory.
TEST(PipelineTest, a_flood_waits_for_the_server) {
  RelayHarness h;
  const std::size_t sent = h.client(times(100'000, sync())).size();
  EXPECT_LT(sent, 100'000u);
  EXPECT_TRUE(h.relay.waiting());
  std::size_t more = 0;
  for (int i = 0; i < 100'000 && sent + more < 100'000; ++i)
    for (const auto& line : h.server(ready('I'))) more += line == "server S" ? 1 : 0;
  EXPECT_EQ(sent + more, 100'000u);
}

// The server keeps back up to 8 kB of replies while nothing makes it flush; 5 bytes is the shortest.
TEST(PipelineTest, a_flood_waits_for_nothing_that_the_server_keeps_back) {
  RelayHarness h;
  EXPECT_EQ(h.client(times(2 * 8192 / 5, parse("", "select 1"))).size(), 2u * 8192 / 5);
  EXPECT_FALSE(h.relay.waiting());
}

// The server keeps any number of them, and would keep them in its own process.
TEST(PreparedLimitTest, a_session_holds_so_many_names_and_no_more) {
  RelayHarness h({30, 2});
  for (const char* name : {"a", "b"}) {
    EXPECT_THAT(h.client(parse(name, "select 1") + sync()), Contains("server P " + std::string(name) + " select 1"));
    h.server(message('1') + ready('I'));
  }
  EXPECT_THAT(h.client(parse("c", "select 1") + sync()), Not(Contains("server P c select 1")));
  EXPECT_THAT(h.server(error("26000", "x") + ready('I')), Contains(HasSubstr("C53400")));
  // The unnamed one has its place; so has a name that was closed.
  EXPECT_THAT(h.client(parse("", "select 1") + sync()), Contains("server P select 1"));
  h.server(message('1') + ready('I'));
  h.client(close_statement("a") + sync());
  h.server(message('3') + ready('I'));
  EXPECT_THAT(h.client(parse("c", "select 1") + sync()), Contains("server P c select 1"));
}

TEST(PreparedLimitTest, those_of_sql_count_too) {
  RelayHarness h({30, 1});
  EXPECT_THAT(h.client(query("prepare a as select 1")), Contains("server Q prepare a as select 1"));
  h.server(complete("PREPARE") + ready('I'));
  EXPECT_THAT(h.client(query("prepare b as select 1")), Not(Contains("server Q prepare b as select 1")));
  EXPECT_THAT(h.server(error("42601", "x") + ready('I')), Contains(HasSubstr("C53400")));
}

TEST(PreparedLimitTest, long_texts_count) {
  RelayHarness h({30, 100, 4000});
  const std::string text = "select 1 -- " + std::string(3000, 'x');
  h.client(parse("a", text) + sync());
  h.server(message('1') + ready('I'));
  EXPECT_THAT(h.client(parse("b", text) + bind_to("", "b") + sync()), Contains("server D Spgward: refused"));
  EXPECT_THAT(h.server(error("26000", "x") + ready('I')), Contains(HasSubstr("C53400")));
}

class PathTest : public testing::Test {
 protected:
  PathTest() {
    h.client(query("set search_path to billing"));
    h.server(complete("SET") + ready('I'));
  }
  RelayHarness h;
};

// SHOW as a Query would commit what the client has not committed yet.
TEST_F(PathTest, the_server_is_not_asked_in_the_middle_of_an_implicit_transaction) {
  h.client(parse("", "select 1") + bind_to("", "") + execute("") + message('H'));
  h.server(message('1') + message('2') + complete("SELECT 1"));
  const auto list = h.client(parse("", "select * from patients"));
  EXPECT_THAT(list, Not(Contains(kProbe)));
  EXPECT_THAT(list, Contains("server D Spgward: refused"));
  h.client(sync());
  h.server(error("26000", "x") + ready('I'));
  EXPECT_THAT(h.client(parse("", "select * from patients")), ElementsAre(kProbe));
}

TEST_F(PathTest, a_cancelled_question_refuses_the_statement_and_not_the_session) {
  EXPECT_THAT(h.client(query("select * from patients")), ElementsAre(kProbe));
  EXPECT_THAT(h.server(error("57014", "canceling statement due to user request")), IsEmpty());
  EXPECT_THAT(h.server(ready('I')), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), ElementsAre(StartsWith("client E"), "client Z I"));
  EXPECT_THAT(h.client(query("select * from patients")), ElementsAre(kProbe));
}

TEST_F(PathTest, the_servers_last_word_is_passed_on_while_it_is_asked) {
  h.client(query("select * from patients"));
  using namespace std::string_view_literals;
  const Bytes fatal = message('E', "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"sv);
  EXPECT_THAT(h.server(fatal), Contains(HasSubstr("C57P01")));
}

}  // namespace
}  // namespace pgward::proxy::test
