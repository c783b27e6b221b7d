// Temporary tables: names that only this session knows, and that are always written with pg_temp in front.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/session/temporary_tables.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kFailing = "server Q pgward: statement refused";
constexpr auto kRecord = "record! stmt.intent";
constexpr auto kRead = "record? stmt.read";

class TemporaryTest : public testing::Test {
 protected:
  void make() {
    h.client(query("create temp table w as select name from patients"));
    h.server(complete("SELECT 1") + ready('I'));
  }
  void expect_unknown() {
    EXPECT_THAT(h.client(query("select * from w")), ElementsAre("record stmt.deny", kFailing));
    EXPECT_THAT(h.server(error("42601", "x") + ready('I')), Contains(HasSubstr("C42P01")));
  }
  RelayHarness h;
};

// The same text, before and after: what was decided before must not be found again.
TEST_F(TemporaryTest, a_name_is_known_from_its_creation_on) {
  expect_unknown();
  EXPECT_THAT(h.client(query("create temp table w as select name from patients")), Contains(kRecord));
  h.server(complete("SELECT 1") + ready('I'));
  EXPECT_THAT(h.client(query("select * from w")), ElementsAre("server Q select * from pg_temp.w"));
  EXPECT_THAT(h.server(row({"x"}) + complete("SELECT 1") + ready('I')), Contains(kRead));
}

TEST_F(TemporaryTest, other_sessions_do_not_know_it) {
  make();
  EXPECT_THAT(h.client(query("select * from w")), ElementsAre("server Q select * from pg_temp.w"));
  RelayHarness other;
  EXPECT_THAT(other.client(query("select * from w")), ElementsAre("record stmt.deny", kFailing));
}

// Where the table is gone the server says so: pg_temp.w can mean nothing else.
TEST_F(TemporaryTest, a_creation_that_failed_leaves_a_name_that_means_nothing_else) {
  h.client(query("create temp table w as select name from patients"));
  h.server(error("53100", "disk full") + ready('I'));
  EXPECT_THAT(h.client(query("select * from w")), ElementsAre("server Q select * from pg_temp.w"));
}

TEST_F(TemporaryTest, discard_all_forgets_them) {
  make();
  h.client(query("discard all"));
  h.server(complete("DISCARD ALL") + ready('I'));
  h.client(query("set search_path to public"));
  h.server(complete("SET") + ready('I'));
  h.client(query("select * from w"));
  EXPECT_THAT(h.server(message('T', std::string(2, '\0')) + row({"public"}) + complete("SHOW") + ready('I')),
              ElementsAre("record stmt.deny", kFailing));
}

TEST_F(TemporaryTest, it_is_made_of_what_was_prepared) {
  h.client(query("prepare q as select name from patients"));
  h.server(complete("PREPARE") + ready('I'));
  EXPECT_THAT(h.client(query("create temp table w as execute q")), ElementsAre(kRecord, "server Q create temp table w as execute q"));
}

TEST(TemporaryTablesTest, names_are_sorted_and_bounded) {
  TemporaryTables tables;
  EXPECT_EQ(tables.names(), nullptr);
  for (const char* name : {"b", "a", "c", "a"}) tables.made(name);
  EXPECT_THAT(*tables.names(), ElementsAre("a", "b", "c"));
  const auto before = tables.version();
  for (int i = 0; i < 10'000; ++i) tables.made("t" + std::to_string(i));
  EXPECT_LE(tables.names()->size(), 500U);
  EXPECT_GT(tables.version(), before);
}

}  // namespace
}  // namespace pgward::proxy::test
