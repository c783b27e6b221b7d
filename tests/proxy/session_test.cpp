// A whole session, from the first packet to the relay, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/authentication.h"
#include "protocol/startup.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class SessionTest : public testing::Test {
 protected:
  SessionTest() { session.emplace(services, ListenerRules{true, true}, audit::Source{}); }
  // A world with another policy, as after a reload.
  void renew(const std::function<void(policy::Policy&)>& change) {
    auto world = std::make_shared<World>(*services.world_);
    auto policy = std::make_shared<policy::Policy>(*world->policy);
    change(*policy);
    world->policy = std::move(policy);
    ++world->version;
    services.world_ = std::move(world);
  }
  Bytes password() {
    auto request = issuer_.request();
    if (!of_clinic) request.claims.clear();
    return message('p', issuer_.token(request) + '\0');
  }
  static Bytes startup() {
    const std::vector<std::pair<std::string, std::string>> parameters{{"user", "clinician"}, {"database", "ehr"}};
    Bytes out;
    protocol::encode_startup(out, parameters);
    return out;
  }
  // What the server says to somebody whom it lets in.
  static Bytes welcome() {
    Bytes out;
    protocol::encode_authentication_ok(out);
    return out + message('K', std::string("\0\0\0\7them", 8)) + ready('I');
  }
  std::vector<std::string> client(const Bytes& bytes) {
    return run([&](Actions& actions) { session->on_client_bytes(bytes, actions); });
  }
  std::vector<std::string> server(const Bytes& bytes) {
    return run([&](Actions& actions) { session->on_server_bytes(bytes, actions); });
  }
  std::vector<std::string> run(const std::function<void(Actions&)>& event) {
    Actions actions;
    event(actions);
    return lines(actions);
  }
  std::vector<std::string> tick() {
    return run([&](Actions& actions) { session->on_clock(actions); });
  }
  void log_in() {
    client(startup() + password());
    run([&](Actions& actions) { session->on_server_connected(actions); });
    server(welcome());
    ASSERT_TRUE(session->relaying());
  }
  FakeServices services;
  std::optional<Session> session;
  bool of_clinic = true;

 private:
  TestIssuer issuer_{services};
};

TEST_F(SessionTest, statements_right_behind_the_password_are_not_forgotten) {
  EXPECT_THAT(client(startup() + password() + query("begin")), Contains("connect server"));
  run([&](Actions& actions) { session->on_server_connected(actions); });
  EXPECT_THAT(server(welcome()), Contains("server Q begin"));
}

TEST_F(SessionTest, a_session_that_never_reached_the_server_has_its_end_recorded) {
  client(startup() + password());
  EXPECT_THAT(run([&](Actions& actions) { session->on_server_unreachable(actions); }),
              ElementsAre(HasSubstr("C08006"), "record session.close", StartsWith("close")));
}

TEST_F(SessionTest, nothing_is_said_in_plaintext_between_the_answer_to_ssl_request_and_the_handshake) {
  Bytes ask;
  protocol::encode_ssl_request(ask);
  client(ask);
  services.clock += 60;
  EXPECT_THAT(tick(), ElementsAre(StartsWith("close")));
}

TEST_F(SessionTest, a_client_that_leaves_a_running_statement_has_it_cancelled) {
  log_in();
  client(query("select 1"));
  EXPECT_THAT(run([&](Actions& actions) { session->on_client_gone(actions); }),
              ElementsAre("cancel 7", "record session.close", "close client went away"));
}

// As the server does it: what came before the good-bye is answered, then it closes.
TEST_F(SessionTest, a_statement_before_the_goodbye_is_answered) {
  log_in();
  EXPECT_THAT(client(query("select name from patients") + message('X') + query("select 2")),
              ElementsAre(StartsWith("server Q"), "server X"));
  EXPECT_FALSE(session->wants_client_bytes());
  EXPECT_THAT(server(row({"Ann"}) + complete("SELECT 1") + ready('I')),
              ElementsAre("record? stmt.read", "client D Ann", "client C SELECT 1", "client Z I"));
  EXPECT_THAT(run([&](Actions& actions) { session->on_server_gone(actions); }),
              ElementsAre("record session.close", "close client terminated"));
}

// Who changed the schema goes on once the catalog was read again. When that cannot be had, nothing is decided on what it was before.
TEST_F(SessionTest, who_changed_the_schema_does_not_wait_for_its_catalog_for_ever) {
  renew([](policy::Policy& policy) {
    policy.roles["clinician"].bound = false;
    policy.roles["clinician"].may = {policy::StatementClass::ddl, policy::StatementClass::select};
  });
  of_clinic = false;
  log_in();
  client(query("create table visits (id int)"));
  server(complete("CREATE TABLE") + ready('I'));
  services.clock += 31;
  EXPECT_THAT(tick(), IsEmpty());  // nobody waits yet
  client(query("select 1"));
  services.clock += 1;
  EXPECT_THAT(tick(), ElementsAre(HasSubstr("C57P03"), "record session.close", StartsWith("close")));
}

TEST_F(SessionTest, a_goodbye_that_nothing_is_owed_before_closes_at_once) {
  log_in();
  EXPECT_THAT(client(message('X')), ElementsAre("server X", "record session.close", "close client terminated"));
}

TEST_F(SessionTest, a_policy_with_other_tenant_settings_ends_the_session) {
  log_in();
  renew([](policy::Policy& policy) { policy.source_sha256 = "p1"; });
  EXPECT_THAT(tick(), IsEmpty());
  renew([](policy::Policy& policy) { policy.tenant[0].setting = "app.clinic_id"; });
  EXPECT_THAT(tick(), Contains(HasSubstr("C57P01")));
}

TEST_F(SessionTest, what_was_prepared_under_another_policy_is_prepared_again) {
  log_in();
  client(parse("s", "select code from codes") + sync());
  server(message('1') + ready('I'));
  EXPECT_THAT(client(bind_to("", "s") + sync()), Contains("server B s"));
  server(message('2') + ready('I'));
  renew([](policy::Policy& policy) { policy.source_sha256 = "p1"; });
  EXPECT_THAT(client(bind_to("", "s") + sync()), Not(Contains("server B s")));
  EXPECT_THAT(server(error("26000", "prepared statement \"s\" does not exist") + ready('I')), Contains(HasSubstr("C26000")));
  EXPECT_THAT(client(parse("s2", "select code from codes") + bind_to("", "s2")), Contains("server B s2"));
}

TEST_F(SessionTest, an_expired_credential_ends_what_is_idle_at_once) {
  log_in();
  services.clock += 599;
  EXPECT_THAT(tick(), IsEmpty());
  services.clock += 1;
  EXPECT_THAT(tick(), ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C57P01")), "record session.close", "close credential expired"));
}

TEST_F(SessionTest, an_open_transaction_does_not_outlive_its_credential) {
  log_in();
  client(query("begin"));
  server(complete("BEGIN") + ready('T'));
  services.clock += 600;
  EXPECT_THAT(tick(), Contains(HasSubstr("C57P01")));
}

TEST_F(SessionTest, a_running_statement_is_cancelled_after_the_grace) {
  log_in();
  client(query("select 1"));
  services.clock += 609;
  EXPECT_THAT(tick(), IsEmpty());
  services.clock += 1;
  EXPECT_THAT(tick(), ElementsAre("cancel 7", HasSubstr("C57P01"), "record session.close", "close credential expired"));
}

TEST_F(SessionTest, what_ends_within_the_grace_ends_the_session) {
  log_in();
  client(query("select 1"));
  services.clock += 605;
  EXPECT_THAT(tick(), IsEmpty());
  server(complete("SELECT 0") + ready('I'));
  EXPECT_THAT(tick(), Contains("close credential expired"));
}

TEST_F(SessionTest, an_idle_session_ends_as_the_server_would_end_it) {
  services.limits_.life.idle_timeout_s = 60;
  log_in();
  tick();
  services.clock += 60;
  EXPECT_THAT(tick(), ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C57P05")), "record session.close", "close idle timeout"));
}

TEST_F(SessionTest, a_shutdown_waits_for_what_runs_with_an_empty_policy_too) {
  renew([](policy::Policy& policy) {
    policy.unlisted = policy::Unlisted::allow;
    policy.tables.clear();
  });
  log_in();
  const auto shut_down = [&] { return run([&](Actions& actions) { session->on_shutdown(false, actions); }); };
  client(query("begin; select 1"));
  EXPECT_THAT(shut_down(), IsEmpty());
  server(complete("BEGIN") + complete("SELECT 1") + ready('T'));
  EXPECT_THAT(shut_down(), IsEmpty());
  client(query("commit"));
  server(complete("COMMIT") + ready('I'));
  EXPECT_THAT(shut_down(), Contains(HasSubstr("C57P01")));
}

TEST_F(SessionTest, a_failed_log_in_is_recorded_at_once_and_answered_later) {
  services.failure_delay = 4;
  EXPECT_THAT(client(startup() + message('p', std::string("not a token") + '\0')), ElementsAre(HasSubstr("client R"), "record auth.fail"));
  EXPECT_FALSE(session->wants_client_bytes());
  EXPECT_THAT(client(password()), IsEmpty()) << "a right one does not help any more";
  services.clock += 3;
  EXPECT_THAT(tick(), IsEmpty());
  services.clock += 1;
  EXPECT_THAT(tick(), ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C28P01")), StartsWith("close")));
  EXPECT_THAT(tick(), IsEmpty());
}

TEST_F(SessionTest, a_client_that_leaves_before_its_answer_is_gone) {
  services.failure_delay = 4;
  client(startup() + message('p', std::string("not a token") + '\0'));
  EXPECT_THAT(run([&](Actions& actions) { session->on_client_gone(actions); }), ElementsAre(StartsWith("close")));
}

TEST_F(SessionTest, a_role_may_ask_for_a_second_factor) {
  auto world = std::make_shared<World>(*services.world_);
  world->strength["clinician"].amr = {"mfa", "hwk"};
  services.world_ = world;
  EXPECT_THAT(client(startup() + password()), Contains(AllOf(HasSubstr("C28000"), HasSubstr("stronger"))));
}

}  // namespace
}  // namespace pgward::proxy::test
