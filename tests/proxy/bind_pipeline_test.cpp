// Names and what they mean while messages are in flight: what runs is always what was judged.
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

constexpr auto kInsert = "insert into patients (id, clinic_id, name) values (1, $1, $2)";
constexpr auto kFailingDescribe = "server D Spgward: refused";

TEST(BindTest, a_foreign_tenant_as_parameter_is_refused) {
  RelayHarness h;
  h.client(parse("", kInsert) + sync());
  h.server(message('1') + ready('I'));
  // As row-level security: at Execute, not before.
  EXPECT_THAT(h.client(bind_to("", "", {std::string(kTenantB), "x"}) + execute("") + sync()),
              ElementsAre(StartsWith("server B"), "record stmt.deny", kFailingDescribe, "server S"));
  EXPECT_THAT(h.server(message('2') + error("26000", "x") + ready('I')), ElementsAre("client 2", HasSubstr("C42501"), "client Z I"));
}

TEST(BindTest, the_own_tenant_in_another_spelling_is_fine) {
  RelayHarness h;
  h.client(parse("", kInsert) + sync());
  h.server(message('1') + ready('I'));
  EXPECT_THAT(h.client(bind_to("", "", {"{A0A0A0A0-0000-4000-8000-00000000000A}", "x"})), ElementsAre(StartsWith("server B")));
}

TEST(BindTest, a_declared_type_that_could_change_the_value_is_refused) {
  constexpr std::uint32_t kChar = 18, kUuid = 2950;
  for (const auto& [type, fine] : {std::pair{kUuid, true}, std::pair{kChar, false}}) {
    RelayHarness h;
    h.client(parse("", kInsert, {type}) + sync());
    h.server(message('1') + ready('I'));
    EXPECT_THAT(h.client(bind_to("", "", {std::string(kTenantA), "x"}) + execute("")),
                Contains(fine ? "server E" : "record stmt.deny")) << type;
  }
}

// P1 needs a check at Bind; P2 does not, and is skipped by the server because of the error before it. A Bind
// in the next segment must wait until it is known which of them the name means.
TEST(BindTest, a_bind_waits_for_a_parse_of_an_earlier_segment) {
  RelayHarness h;
  h.client(parse("n", kInsert) + sync());
  h.server(message('1') + ready('I'));
  h.client(close_statement("nosuch") + parse("x", "select 1/") + parse("n", "select $1::text, $2::text") + sync());
  EXPECT_THAT(h.client(bind_to("", "n", {std::string(kTenantB), "x"}) + execute("") + sync()), IsEmpty());
  EXPECT_TRUE(h.relay.waiting());
  const auto list = h.server(message('3') + error("42601", "syntax error") + ready('I'));
  EXPECT_THAT(list, Contains(kFailingDescribe));
  EXPECT_THAT(list, Not(Contains(StartsWith("server E"))));
}

TEST(BindTest, a_name_that_is_not_known_is_never_bound) {
  RelayHarness h;
  EXPECT_THAT(h.client(bind_to("", "nosuch")), ElementsAre(kFailingDescribe));
  EXPECT_THAT(h.server(error("26000", "prepared statement \"nosuch\" does not exist")), ElementsAre(HasSubstr("C26000")));
}

TEST(BindTest, after_an_error_everything_up_to_sync_is_ignored) {
  RelayHarness h;
  h.client(parse("", "select * from secret"));
  h.server(error("26000", "x"));
  EXPECT_THAT(h.client(parse("", "select name from patients") + bind_to("", "") + execute("") + query("select 1")), IsEmpty());
  EXPECT_THAT(h.client(sync()), ElementsAre("server S"));
  EXPECT_THAT(h.server(ready('I')), ElementsAre("client Z I"));
  EXPECT_THAT(h.client(query("select 1")), ElementsAre("server Q select 1"));
}

TEST(BindTest, a_simple_query_destroys_the_unnamed_statement) {
  RelayHarness h;
  h.client(parse("", "select name from patients") + sync());
  h.server(message('1') + ready('I'));
  h.client(query("select 1"));
  h.server(complete("SELECT 1") + ready('I'));
  EXPECT_THAT(h.client(bind_to("", "")), ElementsAre(kFailingDescribe));
}

// The server cuts names at 63 bytes: to it these two are one.
TEST(BindTest, names_that_agree_in_63_bytes_are_one) {
  const std::string stem(63, 'n');
  RelayHarness h;
  h.client(parse(stem + "1", "select 1") + sync());
  h.server(message('1') + ready('I'));
  h.client(close_statement(stem + "2") + sync());
  h.server(message('3') + ready('I'));
  EXPECT_THAT(h.client(bind_to("", stem + "1")), ElementsAre(kFailingDescribe));
}

TEST(BindTest, portals_end_with_their_transaction) {
  RelayHarness h;
  h.client(parse("s", "select name from patients") + bind_to("p", "s") + sync());
  h.server(message('1') + message('2') + ready('I'));
  EXPECT_THAT(h.client(execute("p")), ElementsAre(StartsWith("server D Ppgward: refused")));
}

TEST(BindTest, each_execute_is_recorded) {
  RelayHarness h;
  h.client(parse("s", "select name from patients") + sync());
  h.server(message('1') + ready('I'));
  EXPECT_THAT(h.client(bind_to("", "s") + execute("") + bind_to("", "s") + execute("") + sync()),
              ElementsAre("server B s", "server E", "server B s", "server E", "server S"));
}

TEST(BindTest, deallocate_all_forgets_every_name) {
  RelayHarness h;
  h.client(parse("s", "select 1") + sync());
  h.server(message('1') + ready('I'));
  h.client(query("deallocate all"));
  h.server(complete("DEALLOCATE ALL") + ready('I'));
  EXPECT_THAT(h.client(bind_to("", "s")), ElementsAre(kFailingDescribe));
}

// After SET search_path a bare name waits until the server has said what its path is now.
TEST(SearchPathTest, the_server_is_asked_when_the_path_may_have_changed) {
  RelayHarness h;
  EXPECT_THAT(h.client(query("set search_path to billing")), ElementsAre("server Q set search_path to billing"));
  EXPECT_THAT(h.client(query("select * from patients")), IsEmpty());
  EXPECT_THAT(h.server(complete("SET") + ready('I')), ElementsAre("client C SET", "client Z I", "server Q SHOW search_path"));
  // billing.patients is not in the policy.
  EXPECT_THAT(h.server(message('T', std::string(2, '\0')) + row({"billing"}) + complete("SHOW") + ready('I')),
              ElementsAre("record stmt.deny", "server Q pgward: statement refused"));
}

TEST(SearchPathTest, what_needs_no_path_does_not_wait) {
  RelayHarness h;
  h.client(query("set search_path to billing"));
  h.server(complete("SET") + ready('I'));
  EXPECT_THAT(h.client(query("select name from public.patients")), ElementsAre(StartsWith("server Q")));
}

}  // namespace
}  // namespace pgward::proxy::test
