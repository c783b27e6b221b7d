// When the machine says that the catalog may be out of date, and that a database which is no longer served is
// closed to what was prepared before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Suspicion = Services::Suspicion;

TEST(SuspicionTest, a_missing_name_is_told_each_time_and_a_refused_table_is_not) {
  RelayHarness h;
  h.client(query("select * from secret"));
  EXPECT_THAT(h.services.suspicions, IsEmpty());
  h.client(query("select * from nowhere"));
  h.client(parse("", "select * from nowhere"));
  EXPECT_THAT(h.services.suspicions, ElementsAre(Suspicion::missing_name, Suspicion::missing_name));
}

TEST(SuspicionTest, ddl_is_told_once_its_transaction_is_over) {
  RelayHarness h;
  h.client(query("begin"));
  h.server(complete("BEGIN") + ready('T'));
  h.client(query("select 1"));
  h.server(complete("CREATE TABLE") + ready('T'));
  EXPECT_THAT(h.services.suspicions, IsEmpty());
  h.client(query("commit"));
  h.server(complete("COMMIT") + ready('I'));
  EXPECT_THAT(h.services.suspicions, ElementsAre(Suspicion::ddl));
  h.client(query("select 1"));
  h.server(complete("SELECT 1") + ready('I'));
  EXPECT_THAT(h.services.suspicions, ElementsAre(Suspicion::ddl));
}

TEST(SuspicionTest, a_database_that_is_not_served_any_more_is_closed_to_prepared_statements_too) {
  RelayHarness h;
  h.client(parse("s", "select name from patients") + sync());
  h.server(message('1') + ready('I'));
  auto without = std::make_shared<World>(*h.services.world_);
  without->catalogs.clear();
  h.services.world_ = without;
  EXPECT_THAT(h.client(bind_to("", "s")), ElementsAre("server D Spgward: refused"));
}

}  // namespace
}  // namespace pgward::proxy::test
