// Cursors and prepared statements of SQL: names that the protocol's messages share.
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

constexpr auto kFailing = "server Q pgward: statement refused";
constexpr auto kFailingDescribe = "server D Spgward: refused";
constexpr auto kRecord = "record! stmt.intent";  // before it runs
constexpr auto kRead = "record? stmt.read";      // before its answer goes on

// A session with a transaction open and, in it, what `sql` makes.
class NamesTest : public testing::Test {
 protected:
  void done(std::string_view sql, std::string_view tag, char status = 'T') {
    h.client(query(sql));
    h.server(complete(tag) + ready(status));
  }
  std::vector<std::string> refused(std::string_view sqlstate_of_server = "42601") {
    return h.server(error(sqlstate_of_server, "x") + ready('T'));
  }
  RelayHarness h;
};

TEST_F(NamesTest, fetch_reads_what_the_cursor_reads) {
  done("begin", "BEGIN");
  EXPECT_THAT(h.client(query("declare c cursor for select name from patients")),
              ElementsAre(StartsWith("server Q declare c cursor for select name from public.patients WHERE")));
  EXPECT_THAT(h.server(complete("DECLARE CURSOR") + ready('T')), Contains(kRead));
  EXPECT_THAT(h.client(query("fetch 2 from c")), ElementsAre("server Q fetch 2 from c"));
  EXPECT_THAT(h.server(row({"x"}) + complete("FETCH 1") + ready('T')), ElementsAre(kRead, "client D x", "client C FETCH 1", "client Z T"));
  EXPECT_THAT(h.client(query("move all in c")), ElementsAre("server Q move all in c"));
}

TEST_F(NamesTest, a_cursor_that_nobody_declared_is_refused) {
  EXPECT_THAT(h.client(query("fetch c")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C34000")));
  EXPECT_THAT(h.client(query("delete from patients where current of c")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C34000")));
}

TEST_F(NamesTest, a_cursor_that_failed_or_was_closed_is_none) {
  done("begin", "BEGIN");
  h.client(query("declare c cursor for select name from patients"));
  h.server(error("42P01", "relation does not exist") + ready('T'));
  EXPECT_THAT(h.client(query("fetch c")), ElementsAre("record stmt.deny", kFailing));
  refused();
  done("declare c cursor for select 1", "DECLARE CURSOR");
  done("close c", "CLOSE CURSOR");
  EXPECT_THAT(h.client(query("fetch c")), ElementsAre("record stmt.deny", kFailing));
  refused();
  done("declare c cursor for select 1", "DECLARE CURSOR");
  done("close all", "CLOSE CURSOR ALL");
  EXPECT_THAT(h.client(query("fetch c")), ElementsAre("record stmt.deny", kFailing));
}

TEST_F(NamesTest, cursors_end_with_their_transaction_unless_held) {
  done("declare gone cursor for select 1", "DECLARE CURSOR", 'I');
  EXPECT_THAT(h.client(query("fetch gone")), ElementsAre("record stmt.deny", kFailing));
  refused();
  done("declare held cursor with hold for select name from patients", "DECLARE CURSOR", 'I');
  EXPECT_THAT(h.client(query("fetch held")), ElementsAre("server Q fetch held"));
}

TEST_F(NamesTest, names_made_earlier_in_the_same_text_count) {
  EXPECT_THAT(h.client(query("begin; declare c cursor for select name from patients; fetch c; commit")),
              ElementsAre(StartsWith("server Q begin; declare c")));
  h.server(complete("BEGIN") + complete("DECLARE CURSOR") + complete("FETCH 0") + complete("COMMIT") + ready('I'));
  EXPECT_THAT(h.client(query("fetch c; declare c cursor for select 1")), ElementsAre("record stmt.deny", kFailing));
}

// What follows a failure in a text is not run: a name that it was to make is not made.
TEST_F(NamesTest, names_after_a_failure_in_the_same_text_do_not_count) {
  h.client(query("begin; select name from patients; declare c cursor for select 1"));
  h.server(complete("BEGIN") + error("22012", "division by zero") + ready('E'));
  done("rollback", "ROLLBACK", 'I');
  done("begin", "BEGIN");
  EXPECT_THAT(h.client(query("fetch c")), ElementsAre("record stmt.deny", kFailing));
}

TEST_F(NamesTest, fetch_runs_a_portal_of_the_protocol) {
  h.client(query("begin"));
  h.server(complete("BEGIN") + ready('T'));
  h.client(parse("", "delete from patients returning name") + bind_to("pp", "") + sync());
  h.server(message('1') + message('2') + ready('T'));
  EXPECT_THAT(h.client(query("fetch all from pp")), ElementsAre(kRecord, "server Q fetch all from pp"));
}

// A refusal that was put off to Execute holds for FETCH, too.
TEST_F(NamesTest, fetch_of_a_portal_that_may_not_run_is_refused) {
  done("begin", "BEGIN");
  h.client(parse("", "insert into patients (id, clinic_id) values (1, $1)") + bind_to("pp", "", {std::string(kTenantB)}) + sync());
  h.server(message('1') + message('2') + ready('T'));
  EXPECT_THAT(h.client(query("fetch all from pp")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C42501")));
}

TEST_F(NamesTest, a_cursor_of_the_same_segment_may_be_relied_upon_and_of_another_must_be_waited_for) {
  done("begin", "BEGIN");
  h.client(parse("d", "declare c cursor for select name from patients") + bind_to("", "d") + execute(""));
  EXPECT_THAT(h.client(parse("f", "fetch c") + bind_to("", "f") + execute("")), Contains("server E"));
  h.client(sync());
  EXPECT_THAT(h.client(query("fetch c")), IsEmpty());
  EXPECT_THAT(h.server(message('1') + message('2')), ElementsAre("client 1", "client 2"));
  EXPECT_THAT(h.server(complete("DECLARE CURSOR")), Contains("server Q fetch c"));
}

TEST_F(NamesTest, the_row_at_a_cursor_must_be_one_that_the_relation_itself_gave) {
  done("begin", "BEGIN");
  done("declare c cursor for select * from patients for update", "DECLARE CURSOR");
  EXPECT_THAT(h.client(query("update patients set name = 'x' where current of c")),
              ElementsAre(kRecord, "server Q update public.patients set name = 'x' where current of c"));
  h.server(complete("UPDATE 1") + ready('T'));
  done("declare d cursor for select * from codes", "DECLARE CURSOR");
  EXPECT_THAT(h.client(query("delete from patients where current of d")), ElementsAre("record stmt.deny", kFailing));
}

TEST_F(NamesTest, execute_reads_what_was_prepared) {
  EXPECT_THAT(h.client(query("prepare q as select name from patients")), ElementsAre(StartsWith("server Q prepare q as")));
  h.server(complete("PREPARE") + ready('I'));
  EXPECT_THAT(h.client(query("execute q")), ElementsAre("server Q execute q"));
  EXPECT_THAT(h.server(complete("SELECT 0") + ready('I')), Contains(kRead));
  done("deallocate q", "DEALLOCATE", 'I');
  EXPECT_THAT(h.client(query("execute q")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C26000")));
}

TEST_F(NamesTest, parse_and_prepare_share_their_names) {
  done("prepare a as select name from patients", "PREPARE", 'I');
  EXPECT_THAT(h.client(bind_to("", "a") + execute("") + sync()), ElementsAre("server B a", "server E", "server S"));
  EXPECT_THAT(h.server(message('2') + complete("SELECT 0") + ready('I')), Contains(kRead));
  h.client(parse("b", "select name from patients") + sync());
  h.server(message('1') + ready('I'));
  EXPECT_THAT(h.client(query("execute b")), ElementsAre("server Q execute b"));
}

// PREPARE of a name that exists fails, and the name means what it meant.
TEST_F(NamesTest, a_prepare_that_failed_changes_nothing) {
  done("prepare q as select name from patients", "PREPARE", 'I');
  h.client(query("prepare q as select 1"));
  h.server(error("42P05", "exists") + ready('I'));
  EXPECT_THAT(h.client(query("execute q")), ElementsAre("server Q execute q"));
}

TEST_F(NamesTest, what_execute_gives_to_a_tenants_column_must_be_known) {
  const std::string own = std::string("'") + std::string(kTenantA) + "'";
  const std::string other = std::string("'") + std::string(kTenantB) + "'";
  done("prepare i (int, uuid) as insert into patients (id, clinic_id) values ($1, $2)", "PREPARE", 'I');
  EXPECT_THAT(h.client(query("execute i (1, " + own + ")")), Contains(StartsWith("server Q execute i")));
  h.server(complete("INSERT 0 1") + ready('I'));
  EXPECT_THAT(h.client(query("execute i (coalesce(1, 2), " + own + "::uuid)")), Contains(StartsWith("server Q execute i")));
  h.server(complete("INSERT 0 1") + ready('I'));
  for (const std::string& second : {other, other + "::uuid", std::string("null"), std::string("7"), own + "::\"char\"",
                                    "coalesce(" + own + ")", "coalesce(" + own + ")::uuid"}) {
    SCOPED_TRACE(second);
    EXPECT_THAT(h.client(query("execute i (1, " + second + ")")), ElementsAre("record stmt.deny", kFailing));
    EXPECT_THAT(refused(), Contains(HasSubstr("C42501")));
  }
  EXPECT_THAT(h.client(bind_to("", "i", {"1", std::string(kTenantB)}) + execute("")),
              ElementsAre(StartsWith("server B i"), "record stmt.deny", kFailingDescribe));
}

// A type that cuts the value would make another of it after it was compared.
TEST_F(NamesTest, a_parameter_of_another_type_is_not_a_tenants) {
  done("prepare i (\"char\") as insert into patients (clinic_id) values ($1)", "PREPARE", 'I');
  EXPECT_THAT(h.client(query("execute i ('" + std::string(kTenantA) + "')")), ElementsAre("record stmt.deny", kFailing));
}

// They would change the state of the session without being seen.
TEST_F(NamesTest, execute_runs_queries_only) {
  h.client(parse("s", "set search_path to billing") + parse("c", "commit") + parse("e", "execute s") + sync());
  h.server(message('1') + message('1') + message('1') + ready('I'));
  for (const std::string_view sql : {"execute s", "execute c", "execute e"}) {
    EXPECT_THAT(h.client(query(sql)), ElementsAre("record stmt.deny", kFailing));
    EXPECT_THAT(refused(), Contains(HasSubstr("C0A000")));
  }
}

TEST_F(NamesTest, the_names_that_must_be_missing_cannot_be_made) {
  const std::string portal = key_of(kReservedPortal);
  EXPECT_THAT(h.client(query("declare \"" + portal + "\" cursor with hold for select 1")), ElementsAre("record stmt.deny", kFailing));
  h.server(error("42601", "x") + ready('I'));
  EXPECT_THAT(h.client(query("prepare \"pgward: refused\" as select 1")), ElementsAre("record stmt.deny", kFailing));
}

// The server tells portals apart by 63 bytes.
TEST_F(NamesTest, no_portal_has_the_name_that_must_be_missing) {
  const std::string portal = key_of(kReservedPortal).append("x");
  h.client(parse("s", "select 1"));
  EXPECT_THAT(h.client(bind_to(portal, "s")), Contains(StartsWith("client E")));
}

// A reload takes away what was judged before it.
TEST_F(NamesTest, names_of_an_earlier_policy_are_gone) {
  done("prepare q as select name from patients", "PREPARE", 'I');
  done("declare h cursor with hold for select name from patients", "DECLARE CURSOR", 'I');
  auto world = std::make_shared<World>(*small_world());
  auto policy = std::make_shared<policy::Policy>(*world->policy);
  policy->source_sha256 = "other";
  world->policy = policy;
  h.services.world_ = world;
  EXPECT_THAT(h.client(query("execute q")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C26000")));
  EXPECT_THAT(h.client(query("fetch h")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(refused(), Contains(HasSubstr("C34000")));
}

TEST_F(NamesTest, nothing_through_names_runs_while_it_cannot_be_recorded) {
  done("prepare q as select name from patients", "PREPARE", 'I');
  h.services.audit = false;
  EXPECT_THAT(h.client(query("execute q")), ElementsAre("record stmt.deny", kFailing));
}

}  // namespace
}  // namespace pgward::proxy::test
