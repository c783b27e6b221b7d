// SHOW pgward.* and the renewal of a session's token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/session/own_statement.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Text {
  const char* name;
  const char* sql;
  bool own;
  std::string_view token;  // of those that show nothing
};
class OwnTextTest : public testing::TestWithParam<Text> {};

TEST_P(OwnTextTest, is_told_from_others) {
  const auto own = own_statement(GetParam().sql);
  ASSERT_EQ(own.has_value(), GetParam().own);
  const std::string_view token = own && !own->shows ? own->value : std::string_view{};
  EXPECT_EQ(token, GetParam().token);
}
INSTANTIATE_TEST_SUITE_P(, OwnTextTest, testing::Values(
    Text{"show", "SHOW pgward.identity", true, ""},
    Text{"case_and_spaces", " show\n\tPGWARD.Expires ; ", true, ""},
    Text{"another_setting", "SHOW search_path", false, ""},
    Text{"one_that_is_none", "SHOW pgward.token", false, ""},
    Text{"longer_name", "SHOW pgward.identity2", false, ""},
    Text{"two_statements", "SHOW pgward.role; SELECT 1", false, ""},
    Text{"comment", "SHOW /* x */ pgward.role", false, ""},
    Text{"token", "SET pgward.token = 'a.b-c_D'", true, "a.b-c_D"},
    Text{"token_to", "set session pgward.token to 'a.b.c' ;", true, "a.b.c"},
    Text{"without_spaces", "set pgward.token='a.b.c'", true, "a.b.c"},
    Text{"set_local_is_not_ours", "SET LOCAL pgward.token = 'a'", false, ""},
    Text{"escapes", "SET pgward.token = E'a.b.c'", true, ""},
    Text{"quote_inside", "SET pgward.token = 'a''b'", true, ""},
    Text{"open_end", "SET pgward.token = 'a", true, ""},
    Text{"more_behind", "SET pgward.token = 'a'; DROP TABLE patients", true, ""},
    Text{"default", "SET pgward.token TO DEFAULT", true, ""},
    Text{"nothing", "", false, ""}, Text{"only_set", "SET", false, ""}, Text{"only_show", "SHOW ", false, ""}),
    [](const auto& one) { return one.param.name; });

class OwnStatementTest : public testing::Test {
 protected:
  // The harness's session: u-1 of tenant A, until 600 s from the start.
  auth::MintRequest newer() {
    auto request = issuer_.request();
    request.ttl_s = 800;
    return request;
  }
  std::vector<std::string> renew(const auth::MintRequest& request) {
    return harness.client(query("SET pgward.token = '" + issuer_.token(request) + "'"));
  }
  RelayHarness harness;

 private:
  TestIssuer issuer_{harness.services};
};

TEST_F(OwnStatementTest, show_is_answered_with_a_row_of_our_own) {
  EXPECT_THAT(harness.client(query("show pgward.subject")), ElementsAre(HasSubstr("server Q SELECT ''")));
  const auto answer = harness.server(row({""}) + complete("SELECT 1") + ready('I'));
  EXPECT_THAT(answer, ElementsAre(AllOf(HasSubstr("client D"), HasSubstr("u-1")), HasSubstr("client C SHOW"), HasSubstr("client Z")));
}

TEST_F(OwnStatementTest, show_in_a_pipeline_keeps_its_place) {
  harness.client(parse("", "show pgward.tenant") + bind_to("", "") + execute("") + parse("", "select code from codes") +
                 bind_to("", "") + execute("") + sync());
  const auto answer = harness.server(message('1') + message('2') + row({""}) + complete("SELECT 1") + message('1') +
                                     message('2') + row({"A00"}) + complete("SELECT 1") + ready('I'));
  ASSERT_EQ(answer.size(), 9u);
  EXPECT_THAT(answer[2], HasSubstr(std::string(kTenantA)));
  EXPECT_THAT(answer[3], HasSubstr("SHOW"));
  EXPECT_THAT(answer[6], HasSubstr("A00"));
  EXPECT_THAT(answer[7], HasSubstr("SELECT 1"));
}

TEST_F(OwnStatementTest, identity_says_all_in_one) {
  harness.client(query("SHOW pgward.identity"));
  const auto answer = harness.server(row({""}) + complete("SELECT 1") + ready('I'));
  for (const char* part : {"\"subject\":\"u-1\"", "\"role\":\"clinician\"", "\"expires\":\"2027-01-15T08:10:00Z\"", "\"tenant\":{\"clinic_id\":"})
    EXPECT_THAT(answer[0], HasSubstr(part));
}

TEST_F(OwnStatementTest, a_newer_token_of_the_same_person_renews) {
  const auto sent = renew(newer());
  EXPECT_THAT(sent, ElementsAre("record session.renew", "server Q SET pgward.token TO DEFAULT"));
  EXPECT_EQ(harness.relay.bound().bearer.expires_at, harness.services.clock + 800);
  EXPECT_THAT(harness.server(complete("SET") + ready('I')), ElementsAre("client C SET", HasSubstr("client Z")));
}

TEST_F(OwnStatementTest, sessions_of_one_token_are_renewed_each_for_itself) {
  Relay other(harness.services, admitted(harness.relay.bound().world), Scribe("\"actor\":{}", "s2"));
  ASSERT_EQ(&other.bound(), &harness.relay.bound());
  renew(newer());
  EXPECT_EQ(harness.relay.bound().bearer.expires_at, harness.services.clock + 800);
  EXPECT_EQ(other.bound().bearer.expires_at, harness.services.clock + 600);
}

struct Other {
  const char* name;
  void (*change)(auth::MintRequest&);
};
class OtherTokenTest : public OwnStatementTest, public testing::WithParamInterface<Other> {};

TEST_P(OtherTokenTest, does_not_renew) {
  auto request = newer();
  GetParam().change(request);
  const auto before = harness.relay.bound().bearer.expires_at;
  const auto sent = renew(request);
  EXPECT_THAT(sent, Not(Contains("record session.renew")));
  EXPECT_THAT(sent, Not(Contains(HasSubstr("eyJ"))));
  EXPECT_EQ(harness.relay.bound().bearer.expires_at, before);
  EXPECT_THAT(harness.server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C28000")));
}
INSTANTIATE_TEST_SUITE_P(, OtherTokenTest, testing::Values(
    Other{"another_person", [](auth::MintRequest& r) { r.subject = "u-2"; }},
    Other{"another_issuer", [](auth::MintRequest& r) { r.issuer = "https://other.test"; }},
    Other{"another_tenant", [](auth::MintRequest& r) { r.claims["clinic_id"] = std::string(kTenantB); }},
    Other{"no_tenant", [](auth::MintRequest& r) { r.claims.clear(); }},
    Other{"without_the_role", [](auth::MintRequest& r) { r.roles = {"reader"}; }},
    Other{"a_shorter_life", [](auth::MintRequest& r) { r.ttl_s = 100; }},
    Other{"too_long_a_life", [](auth::MintRequest& r) { r.ttl_s = 100000; }},
    Other{"expired", [](auth::MintRequest& r) { r.now -= 10000; }}),
    [](const auto& one) { return one.param.name; });

TEST_F(OwnStatementTest, other_settings_of_that_class_are_refused) {
  EXPECT_THAT(harness.client(query("/* x */ SET pgward.token = 'eyJ.a.b'")), Contains("record stmt.deny"));
}

}  // namespace
}  // namespace pgward::proxy::test
