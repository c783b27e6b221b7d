#include "proxy/session/startup_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using List = std::vector<std::pair<std::string, std::string>>;

std::variant<UpstreamParameters, RefusedParameter> judged(const List& client) {
  const auto world = small_world();
  const Admitted who = admitted(world);
  return upstream_parameters(client, *world->policy, who.caller, "pgward_app");
}

std::optional<UpstreamParameters> made(const List& client) {
  auto result = judged(client);
  auto* parameters = std::get_if<UpstreamParameters>(&result);
  return parameters ? std::optional(std::move(*parameters)) : std::nullopt;
}

// The name in the refusal; "-" when there is none.
std::string refused_name(const List& client) {
  const auto result = judged(client);
  const auto* refused = std::get_if<RefusedParameter>(&result);
  return refused ? refused->name : "-";
}

TEST(StartupParametersTest, ours_come_last_and_the_clients_user_never_goes_on) {
  const auto parameters = made({{"user", "drnobody"}, {"database", "ehr"}, {"application_name", "ehr\tweb"}, {"client_encoding", "utf-8"}});
  ASSERT_TRUE(parameters);
  EXPECT_THAT(parameters->list, testing::Contains(std::pair<std::string, std::string>("user", "pgward_app")));
  EXPECT_THAT(parameters->list, testing::Not(testing::Contains(testing::Pair("user", "drnobody"))));
  EXPECT_EQ(parameters->list.back(), (std::pair<std::string, std::string>("app.tenant_id", std::string(kTenantA))));
  EXPECT_EQ(parameters->application, "ehr?web");
}

TEST(StartupParametersTest, a_role_without_a_tenant_says_so_to_the_database) {
  const auto world = small_world();
  policy::Policy policy = *world->policy;
  const Admitted who = admitted(world);
  policy.roles["reporting"].bound = false;
  const auto list = [&](const Caller& caller) {
    return std::get<UpstreamParameters>(upstream_parameters({}, policy, caller, "pgward_app")).list;
  };
  const List bound = list(who.caller);
  EXPECT_THAT(bound, testing::Contains(testing::Pair("app.tenant_id", std::string(kTenantA))));
  EXPECT_EQ(bound.back(), (std::pair<std::string, std::string>("pgward.role", "clinician")));
  const List unbound = list({"reporting", {}, "ehr", {}, false});
  EXPECT_THAT(unbound, testing::Contains(testing::Pair("app.tenant_id", "")));
  EXPECT_EQ(unbound.back(), (std::pair<std::string, std::string>("pgward.role", "reporting")));
}

struct Refused {
  const char* name;
  List client;
};
class StartupRefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(StartupRefusedTest, is_refused) { EXPECT_FALSE(made(GetParam().client)); }

INSTANTIATE_TEST_SUITE_P(, StartupRefusedTest, testing::Values(
    Refused{"tenant_setting", {{"app.tenant_id", std::string(kTenantB)}}},
    Refused{"tenant_setting_in_capitals", {{"App.Tenant_ID", std::string(kTenantB)}}},
    Refused{"tenant_setting_in_options", {{"options", "-c app.tenant_id=x"}}},
    Refused{"tenant_setting_in_long_options", {{"options", "--app.tenant_id=x"}}},
    Refused{"tenant_setting_behind_an_escape", {{"options", "-c\\ x=1 -c app.tenant_id=x"}}},
    Refused{"role_setting", {{"pgward.role", "reporting"}}},
    Refused{"role_setting_in_options", {{"options", "-c PGWARD.Role=reporting"}}},
    Refused{"role", {{"role", "postgres"}}},
    Refused{"role_in_options", {{"options", "-c role=postgres"}}},
    Refused{"session_replication_role", {{"options", "-c session_replication_role=replica"}}},
    Refused{"row_security", {{"row_security", "off"}}},
    Refused{"conforming_strings", {{"options", "-c standard_conforming_strings=off"}}},
    Refused{"other_encoding", {{"client_encoding", "SJIS"}}},
    Refused{"options_that_are_none", {{"options", "-x"}}}),
    [](const auto& row) { return row.param.name; });

TEST(StartupParametersTest, a_refusal_names_the_setting) {
  EXPECT_EQ(refused_name({{"App.Tenant_ID", "x"}}), "app.tenant_id");
  EXPECT_EQ(refused_name({{"options", "-c statement_timeout=5s --row-security=off"}}), "row_security");
  EXPECT_EQ(refused_name({{"client_encoding", "SJIS"}}), "client_encoding");
  EXPECT_EQ(refused_name({{"Session_Replication_Role", "replica"}}), "session_replication_role");
  EXPECT_EQ(refused_name({{"options", "-x"}}), "options");
}

// What is no setting may be anything: somebody's name that slipped into the wrong field.
TEST(StartupParametersTest, a_name_that_nobody_knows_is_not_repeated) {
  EXPECT_EQ(refused_name({{"Qwerylozarn", "1"}}), "");
  EXPECT_EQ(refused_name({{"app.qwerylozarn", "1"}}), "");
  EXPECT_EQ(refused_name({{"options", "-c Qwerylozarn=x"}}), "");
}

TEST(StartupParametersTest, a_search_path_is_noticed) {
  const auto parameters = made({{"options", "-c search_path=billing"}});
  ASSERT_TRUE(parameters);
  EXPECT_TRUE(parameters->search_path_given);
}

}  // namespace
}  // namespace pgward::proxy::test
