// Emergency access: who gets it, that it is told of first and in every record, that it ends, and who signs it off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/authentication.h"
#include "protocol/startup.h"
#include "proxy/session/role_choice.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"

namespace pgward::proxy::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

policy::Policy with_emergency(policy::Policy policy) {
  policy::Role emergency = policy.roles.at("clinician");
  emergency.name = "emergency";
  emergency.break_glass = policy::BreakGlass{30, {"transfer", "code-blue"}, {"clinician"}, {"officer"}, {}};
  policy.roles.emplace("emergency", emergency);
  policy::Role officer = policy.roles.at("clinician");
  officer.name = "officer";
  policy.roles.emplace("officer", officer);
  return policy;
}

class Watched : public FakeServices {
 public:
  void glass_broken(const std::string& id, EmergencyAccess access, std::string members) override {
    told.push_back(std::move(members));
    known[id] = std::move(access);
  }
  std::optional<EmergencyAccess> emergency_access(std::string_view id) override {
    const auto found = known.find(id);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> told;
  std::map<std::string, EmergencyAccess, std::less<>> known;
};

class BreakGlassTest : public testing::Test {
 protected:
  BreakGlassTest() {
    auto world = std::make_shared<World>(*services.world_);
    world->policy = std::make_shared<policy::Policy>(with_emergency(*world->policy));
    services.world_ = world;
    session.emplace(services, ListenerRules{true, true}, audit::Source{});
  }
  auth::MintRequest credential() { return issuer_.request(); }
  std::vector<std::string> begin(const std::string& user, const std::string& options, const auth::MintRequest& request) {
    std::vector<std::pair<std::string, std::string>> parameters{{"user", user}, {"database", "ehr"}};
    if (!options.empty()) parameters.emplace_back("options", options);
    Bytes out;
    protocol::encode_startup(out, parameters);
    return client(out + message('p', issuer_.token(request) + '\0'));
  }
  void log_in(const std::string& user, const std::string& options, const auth::MintRequest& request) {
    begin(user, options, request);
    run([&](Actions& actions) { session->on_server_connected(actions); });
    Bytes out;
    protocol::encode_authentication_ok(out);
    out += message('K', std::string("\0\0\0\7them", 8)) + ready('I');
    run([&](Actions& actions) { session->on_server_bytes(out, actions); });
    ASSERT_TRUE(session->relaying());
  }
  std::vector<std::string> client(const Bytes& bytes) {
    return run([&](Actions& actions) { session->on_client_bytes(bytes, actions); });
  }
  std::vector<std::string> server(const Bytes& bytes) {
    return run([&](Actions& actions) { session->on_server_bytes(bytes, actions); });
  }
  std::vector<std::string> tick() {
    return run([&](Actions& actions) { session->on_clock(actions); });
  }
  std::vector<std::string> run(const std::function<void(Actions&)>& event) {
    Actions actions;
    event(actions);
    for (const Action& action : actions.list())
      if (const auto* record = std::get_if<Record>(&action)) records.push_back(nlohmann::json::parse("{" + record->members + "}"));
    return lines(actions);
  }
  Watched services;
  std::optional<Session> session;
  std::vector<nlohmann::json> records;

 private:
  TestIssuer issuer_{services};
};

constexpr const char* kTransfer = "-c pgward.reason=transfer";

TEST_F(BreakGlassTest, is_recorded_before_anything_goes_to_the_server_and_people_are_told) {
  const auto sent = begin("emergency", kTransfer, credential());
  EXPECT_THAT(sent, ElementsAre(HasSubstr("client R"), "record session.open", "record! break_glass.open", "connect server"));
  ASSERT_EQ(services.told.size(), 1u);
  const auto alert = nlohmann::json::parse("{" + services.told[0] + "}");
  EXPECT_EQ(alert.at("reason"), "transfer");
  EXPECT_EQ(alert.at("actor").at("sub"), "u-1");
  EXPECT_EQ(alert.at("until"), services.clock + 30 * 60);
}

TEST_F(BreakGlassTest, its_id_stands_in_every_record) {
  log_in("emergency", kTransfer, credential());
  client(query("select name from patients"));
  server(row({"Ann"}) + complete("SELECT 1") + ready('I'));
  client(query("select * from secret"));
  server(error("42601", "syntax error") + ready('I'));
  client(query("update patients set name = 'x'"));
  server(complete("UPDATE 1") + ready('I'));
  client(message('X'));
  run([&](Actions& actions) { session->on_server_gone(actions); });
  std::set<std::string> kinds;
  for (const auto& record : records) {
    EXPECT_EQ(record.value("break_glass", ""), services.known.begin()->first) << record;
    kinds.insert(record.at("type"));
  }
  EXPECT_THAT(kinds, ElementsAre("break_glass.open", "session.close", "session.open", "stmt.deny", "stmt.intent", "stmt.read", "stmt.result"));
}

TEST_F(BreakGlassTest, other_sessions_say_nothing_of_it) {
  log_in("clinician", "", credential());
  client(message('X'));
  for (const auto& record : records) EXPECT_FALSE(record.contains("break_glass")) << record;
  EXPECT_THAT(services.told, IsEmpty());
}

TEST_F(BreakGlassTest, the_reason_goes_no_further_than_us) {
  begin("emergency", kTransfer, credential());
  EXPECT_THAT(run([&](Actions& actions) { session->on_server_connected(actions); }), Not(Contains(HasSubstr("reason"))));
}

TEST_F(BreakGlassTest, a_policy_with_fewer_minutes_does_not_cut_what_is_open) {
  log_in("emergency", kTransfer, credential());
  auto world = std::make_shared<World>(*services.world_);
  auto shorter = std::make_shared<policy::Policy>(*world->policy);
  shorter->roles.at("emergency").break_glass->max_minutes = 1;  // of those that are opened from now on
  world->policy = shorter;
  services.world_ = world;
  services.clock += 61;
  EXPECT_THAT(tick(), IsEmpty());
}

TEST_F(BreakGlassTest, after_its_minutes_a_running_statement_is_cancelled) {
  auto world = std::make_shared<World>(*services.world_);
  auto shorter = std::make_shared<policy::Policy>(*world->policy);
  shorter->roles.at("emergency").break_glass->max_minutes = 1;
  world->policy = shorter;
  services.world_ = world;
  log_in("emergency", kTransfer, credential());
  client(query("select code from codes"));
  services.clock += 59;
  EXPECT_THAT(tick(), IsEmpty());
  services.clock += 1;
  EXPECT_THAT(tick(), ElementsAre("cancel 7", AllOf(HasSubstr("FATAL"), HasSubstr("C57P01")), "record session.close", "close emergency access over"));
}

struct Refused {
  const char* name;
  const char* user;
  const char* options;
  void (*change)(auth::MintRequest&);
  const char* sqlstate;
};
class BreakGlassRefusedTest : public BreakGlassTest, public testing::WithParamInterface<Refused> {};

TEST_P(BreakGlassRefusedTest, does_not_get_in) {
  auto request = credential();
  GetParam().change(request);
  EXPECT_THAT(begin(GetParam().user, GetParam().options, request), AllOf(Contains(HasSubstr(GetParam().sqlstate)), Not(Contains("connect server"))));
  EXPECT_THAT(services.told, IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(, BreakGlassRefusedTest, testing::Values(
    Refused{"no_reason", "emergency", "", [](auth::MintRequest&) {}, "C28000"},
    Refused{"empty_reason", "emergency", "-c pgward.reason=", [](auth::MintRequest&) {}, "C28000"},
    Refused{"another_reason", "emergency", "-c pgward.reason=curiosity", [](auth::MintRequest&) {}, "C28000"},
    Refused{"a_reason_in_capitals", "emergency", "-c pgward.reason=Transfer", [](auth::MintRequest&) {}, "C28000"},
    Refused{"not_one_of_those_who_may", "emergency", kTransfer, [](auth::MintRequest& r) { r.roles = {"officer", "reader"}; }, "C42501"},
    Refused{"no_role_at_all", "emergency", kTransfer, [](auth::MintRequest& r) { r.roles = {"reader"}; }, "C28000"},
    Refused{"a_reason_for_a_usual_role", "clinician", kTransfer, [](auth::MintRequest&) {}, "C42501"},
    Refused{"no_tenant", "emergency", kTransfer, [](auth::MintRequest& r) { r.claims.clear(); }, "C28P01"}),
    [](const auto& one) { return one.param.name; });

TEST_F(BreakGlassTest, the_reason_may_be_a_claim) {
  auto request = credential();
  request.claims["break_glass_reason"] = "code-blue";
  begin("emergency", "", request);
  ASSERT_EQ(services.told.size(), 1u);
  EXPECT_THAT(services.told[0], HasSubstr("code-blue"));
}

TEST_F(BreakGlassTest, is_never_had_by_chance) {
  const policy::Policy& policy = *services.world_->policy;
  EXPECT_EQ(choose_role({"clinician", "emergency"}, "app", policy), "clinician");
  EXPECT_EQ(choose_role({"clinician", "emergency"}, "emergency", policy), "emergency");
  EXPECT_EQ(choose_role({"clinician"}, "emergency", policy), "emergency");
  EXPECT_EQ(choose_role({"emergency"}, "pgward1.x", policy), "emergency");
  EXPECT_EQ(choose_role({"clinician", "officer"}, "app", policy), std::nullopt);
  EXPECT_EQ(choose_role({"officer"}, "emergency", policy), "officer");
}

TEST_F(BreakGlassTest, a_role_that_becomes_one_for_emergencies_is_taken_from_those_who_have_it) {
  log_in("clinician", "", credential());
  auto world = std::make_shared<World>(*services.world_);
  auto changed = std::make_shared<policy::Policy>(*world->policy);
  changed->roles.at("clinician").break_glass = policy::BreakGlass{30, {"x"}, {}, {"officer"}, {}};
  changed->source_sha256 = "p2";
  world->policy = changed;
  ++world->version;
  services.world_ = world;
  EXPECT_THAT(client(query("select code from codes")), Not(Contains(HasSubstr("select code"))));
  EXPECT_THAT(tick(), Contains(HasSubstr("C57P01")));
}

// Somebody who looks at it: officer u-9 of the same tenant.
class SignOffTest : public BreakGlassTest {
 protected:
  SignOffTest() { services.known["bg-1"] = {"u-1", "emergency", {{"clinic_id", std::string(kTenantA)}}}; }
  auth::MintRequest officer() {
    auto request = credential();
    request.subject = "u-9";
    request.roles = {"officer"};
    return request;
  }
};

TEST_F(SignOffTest, is_durable_before_its_answer) {
  log_in("officer", "", officer());
  EXPECT_THAT(client(query("SET pgward.sign_off = 'bg-1'")), ElementsAre("record! break_glass.sign_off", StartsWith("server Q SET")));
  EXPECT_EQ(records.back().at("signs"), "bg-1");
  EXPECT_EQ(records.back().at("actor").at("sub"), "u-9");
}

TEST_F(SignOffTest, by_the_extended_protocol_counts_when_it_is_executed) {
  log_in("officer", "", officer());
  EXPECT_THAT(client(parse("", "set pgward.sign_off to 'bg-1'") + bind_to("", "")), Not(Contains(HasSubstr("record"))));
  EXPECT_THAT(client(execute("") + sync()), Contains("record! break_glass.sign_off"));
}

struct Signer {
  const char* name;
  const char* user;
  void (*change)(auth::MintRequest&);
  const char* id;
};
class WrongSignerTest : public SignOffTest, public testing::WithParamInterface<Signer> {};

TEST_P(WrongSignerTest, is_refused) {
  auto request = officer();
  GetParam().change(request);
  log_in(GetParam().user, "", request);
  const auto sent = client(query("SET pgward.sign_off = '" + std::string(GetParam().id) + "'"));
  EXPECT_THAT(sent, AllOf(Contains("record stmt.deny"), Not(Contains("record! break_glass.sign_off"))));
  EXPECT_THAT(server(error("42601", "syntax error") + ready('I')), Contains(HasSubstr("C42501")));
}
INSTANTIATE_TEST_SUITE_P(, WrongSignerTest, testing::Values(
    Signer{"the_user", "officer", [](auth::MintRequest& r) { r.subject = "u-1"; }, "bg-1"},
    Signer{"another_role", "clinician", [](auth::MintRequest& r) { r.roles = {"clinician"}; }, "bg-1"},
    Signer{"another_tenant", "officer", [](auth::MintRequest& r) { r.claims["clinic_id"] = std::string(kTenantB); }, "bg-1"},
    Signer{"of_nothing", "officer", [](auth::MintRequest&) {}, "bg-2"},
    Signer{"of_an_empty_id", "officer", [](auth::MintRequest&) {}, ""}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::proxy::test
