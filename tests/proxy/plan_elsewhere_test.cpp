// What a session waits for that no side sends: plans of large statements, and the catalog after DDL of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/session/session.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string large(std::string_view name = "x", std::size_t bytes = kPlannedElsewhereBytes) {
  std::string sql = "insert into patients (id, name) values (1, '" + std::string(name) + "')";
  while (sql.size() < bytes) sql += ", (1, '" + std::string(name) + "')";
  return sql;
}

// A relay whose large statements wait until the test plans them.
class Elsewhere : public RelayHarness {
 public:
  std::vector<std::string> tell(const Bytes& bytes) {
    Actions actions;
    in_.feed(bytes, [&](ByteView& input) { relay.client(input, actions); });
    for (const Action& action : actions.list())
      if (const auto* one = std::get_if<PlanElsewhere>(&action)) job = one->job;
    auto list = lines(actions);
    for (std::string& line : list) line = line.substr(0, 40);
    return list;
  }
  std::vector<std::string> planned() {
    job->run();
    return tell({});
  }
  std::shared_ptr<PlanJob> job;

 private:
  Inbox in_;
};

TEST(PlanElsewhereTest, a_small_statement_is_decided_here) {
  Elsewhere relay;
  EXPECT_THAT(relay.tell(query(large("x", 1000))), ElementsAre("record! stmt.intent", StartsWith("server Q insert into public.patients")));
}

TEST(PlanElsewhereTest, a_large_one_waits_for_its_plan_and_what_is_behind_it_waits_too) {
  Elsewhere relay;
  EXPECT_THAT(relay.tell(query(large()) + query("select 1")), ElementsAre("plan elsewhere"));
  EXPECT_TRUE(relay.relay.waiting());
  EXPECT_THAT(relay.tell({}), IsEmpty());
  EXPECT_THAT(relay.planned(), ElementsAre("record! stmt.intent", StartsWith("server Q insert into public.patients"), "server Q select 1"));
  EXPECT_FALSE(relay.relay.waiting());
}

TEST(PlanElsewhereTest, what_the_cache_has_is_not_planned_again) {
  Elsewhere relay;
  const Bytes wide = query("select name from patients --" + std::string(kPlannedElsewhereBytes, 'x'));
  EXPECT_THAT(relay.tell(wide), ElementsAre("plan elsewhere"));
  EXPECT_THAT(relay.planned(), ElementsAre(StartsWith("server Q select name from public.patient")));
  EXPECT_THAT(relay.tell(wide), ElementsAre(StartsWith("server Q select name from public.patient")));
}

TEST(PlanElsewhereTest, parse_waits_as_well) {
  Elsewhere relay;
  EXPECT_THAT(relay.tell(parse("s", large()) + bind_to("", "s") + execute("") + sync()), ElementsAre("plan elsewhere"));
  EXPECT_THAT(relay.planned(), ElementsAre(StartsWith("server P s insert into public.pati"), StartsWith("server B"), "record! stmt.intent",
                                           StartsWith("server E"), "server S"));
}

TEST(PlanElsewhereTest, a_refusal_comes_back_in_its_place) {
  Elsewhere relay;
  EXPECT_THAT(relay.tell(query("select 1") + query("select * from secret where id in (" + std::string(20'000, '1') + ")")),
              ElementsAre("server Q select 1", "plan elsewhere"));
  EXPECT_THAT(relay.planned(), ElementsAre("record stmt.deny", StartsWith("server Q pgward: statement refused")));
}

TEST(PlanElsewhereTest, a_plan_of_an_older_world_is_not_used) {
  Elsewhere relay;
  relay.tell(query(large()));
  auto world = std::make_shared<World>(*relay.services.world_);
  world->version = 2;
  relay.services.world_ = world;
  EXPECT_THAT(relay.planned(), ElementsAre("plan elsewhere"));
  EXPECT_THAT(relay.planned(), ElementsAre("record! stmt.intent", StartsWith("server Q insert")));
}

TEST(PlanElsewhereTest, turned_away_asks_again) {
  Elsewhere relay;
  relay.tell(query(large()));
  relay.job->turn_away();
  EXPECT_THAT(relay.tell({}), ElementsAre("plan elsewhere"));
  EXPECT_THAT(relay.planned(), ElementsAre("record! stmt.intent", StartsWith("server Q insert")));
}

TEST(NotificationTest, the_client_gets_its_own_channels_under_its_own_names) {
  RelayHarness relay;
  const std::string own = "pgward_" + relay.relay.bound().caller.tenant.tag() + "_";
  const auto notify = [&](const std::string& channel) { return message('A', std::string(4, '\1') + channel + '\0' + "hello" + '\0'); };
  EXPECT_THAT(relay.server(notify(own + "jobs")), ElementsAre(StartsWith("client A")));
  EXPECT_THAT(relay.server(notify(own + "jobs")).front(), testing::AllOf(testing::HasSubstr("jobs hello"), testing::Not(testing::HasSubstr("pgward"))));
  EXPECT_THAT(relay.server(notify("jobs")), IsEmpty());
  EXPECT_THAT(relay.server(notify("pgward_0123456789abcdef_jobs")), IsEmpty());
  EXPECT_THAT(relay.server(message('A', "short")), ElementsAre(StartsWith("client E"), testing::_, testing::_));
}

TEST(PlanElsewhereTest, the_job_outlives_its_session) {
  std::shared_ptr<PlanJob> job;
  {
    Elsewhere relay;
    relay.tell(query(large()));
    job = relay.job;
  }
  job->run();
  EXPECT_TRUE(job->done());
}

// A role without a tenant that may change the schema.
class Migrator : public Elsewhere {
 public:
  Migrator() {
    auto world = std::make_shared<World>(*services.world_);
    auto policy = std::make_shared<policy::Policy>(*world->policy);
    policy->roles["clinician"].bound = false;
    policy->roles["clinician"].may = {policy::StatementClass::ddl, policy::StatementClass::select};
    world->policy = policy;
    services.world_ = world;
    const_cast<Bound&>(relay.bound()).caller.bound = false;
  }
  void read_by(std::uint64_t reading) {
    auto world = std::make_shared<World>(*services.world_);
    for (const auto& [database, catalog] : world->catalogs) world->read_by[database] = reading;
    services.world_ = world;
  }
};

TEST(PlanElsewhereTest, after_its_own_ddl_a_session_waits_for_the_catalog) {
  Migrator relay;
  EXPECT_THAT(relay.tell(query("create table visits (id int)")), ElementsAre("record! stmt.intent", StartsWith("server Q create")));
  relay.services.catalogs_begun = 3;  // one that may have looked too early is going on
  relay.server(complete("CREATE TABLE") + ready('I'));
  EXPECT_THAT(relay.services.suspicions, ElementsAre(Services::Suspicion::ddl));
  EXPECT_THAT(relay.tell(query("select 1")), IsEmpty());
  EXPECT_TRUE(relay.relay.waiting());
  relay.services.catalogs_read = 3;
  EXPECT_THAT(relay.tell({}), IsEmpty());
  relay.services.catalogs_read = 4;
  relay.read_by(4);
  EXPECT_THAT(relay.tell({}), ElementsAre("server Q select 1"));
}

TEST(PlanElsewhereTest, a_reading_that_failed_is_none) {
  Migrator relay;
  relay.tell(query("create table visits (id int)"));
  relay.server(complete("CREATE TABLE") + ready('I'));
  const auto since = relay.services.clock;
  EXPECT_EQ(relay.relay.awaits_catalog_since(), 0);  // no message does
  EXPECT_THAT(relay.tell(query("select 1") + query("select 2")), IsEmpty());
  relay.services.catalogs_begun = relay.services.catalogs_read = 1;
  EXPECT_THAT(relay.tell({}), IsEmpty());
  relay.services.clock += 20;
  EXPECT_EQ(relay.relay.awaits_catalog_since(), since);
  relay.services.catalogs_begun = relay.services.catalogs_read = 2;
  relay.read_by(2);
  EXPECT_EQ(relay.relay.awaits_catalog_since(), 0);
  EXPECT_THAT(relay.tell({}), ElementsAre("server Q select 1", "server Q select 2"));
}

TEST(PlanElsewhereTest, a_database_that_is_not_served_any_more_answers_at_once) {
  Migrator relay;
  relay.tell(query("create table visits (id int)"));
  relay.server(complete("CREATE TABLE") + ready('I'));
  auto world = std::make_shared<World>(*relay.services.world_);
  world->catalogs.clear();
  relay.services.world_ = world;
  relay.services.catalogs_begun = relay.services.catalogs_read = 1;
  EXPECT_THAT(relay.tell(query("select 1")), ElementsAre("record stmt.deny", StartsWith("server Q pgward: statement refused")));
}

TEST(PlanElsewhereTest, inside_its_transaction_it_goes_on) {
  Migrator relay;
  relay.tell(query("begin"));
  relay.server(complete("BEGIN") + ready('T'));
  relay.tell(query("create table visits (id int)"));
  relay.server(complete("CREATE TABLE") + ready('T'));
  EXPECT_THAT(relay.tell(query("create index on visits (id)")), ElementsAre("record! stmt.intent", StartsWith("server Q create index")));
}

TEST(PlanElsewhereTest, a_session_whose_role_got_or_lost_its_tenant_decides_nothing) {
  Migrator relay;
  const_cast<Bound&>(relay.relay.bound()).caller.bound = true;
  EXPECT_THAT(relay.tell(query("create table visits (id int)")), ElementsAre("record stmt.deny", StartsWith("server Q pgward: statement refused")));
}

}  // namespace
}  // namespace pgward::proxy::test
