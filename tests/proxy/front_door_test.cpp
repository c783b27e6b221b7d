// The first packets: what is refused before anybody has proved anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/startup.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Bytes startup(std::vector<std::pair<std::string, std::string>> parameters) {
  Bytes out;
  protocol::encode_startup(out, parameters);
  return out;
}
Bytes ssl_request() {
  Bytes out;
  protocol::encode_ssl_request(out);
  return out;
}
Bytes password(std::string_view text) { return message('p', std::string(text) + '\0'); }

// A world whose verifier knows one development key.
class FrontDoorTest : public testing::Test {
 protected:
  FrontDoorTest() : key_(std::get<auth::NewKey>(auth::new_key("ES256"))) {
    auto world = std::make_shared<World>(*services.world_);
    auth::IssuerConfig issuer;
    issuer.issuer = "https://idp.test";
    issuer.audience = "pgward";
    issuer.jwks = key_.jwks;
    world->verifier = std::make_shared<auth::JwtVerifier>(std::get<auth::JwtVerifier>(auth::JwtVerifier::create({issuer})));
    services.world_ = world;
  }
  std::string token(std::vector<std::string> roles = {"clinician"}, std::string tenant = std::string(kTenantA)) {
    auth::MintRequest request;
    request.issuer = "https://idp.test";
    request.audience = "pgward";
    request.subject = "u-1";
    request.roles = std::move(roles);
    if (!tenant.empty()) request.claims["clinic_id"] = tenant;
    request.now = services.clock;
    return std::get<std::string>(auth::mint_token(key_.private_key_pem, request));
  }
  std::vector<std::string> feed(Session& session, const Bytes& bytes) {
    Actions actions;
    session.on_client_bytes(bytes, actions);
    return lines(actions);
  }
  // The answer to start-up and password over plaintext that is allowed.
  std::vector<std::string> log_in(const std::string& word, std::vector<std::pair<std::string, std::string>> parameters = {{"user", "clinician"}, {"database", "ehr"}}) {
    Session session(services, {false, true}, {});
    feed(session, startup(std::move(parameters)));
    return feed(session, password(word));
  }

  FakeServices services;
  auth::NewKey key_;
};

TEST_F(FrontDoorTest, plaintext_is_refused_unless_it_is_allowed) {
  Session session(services, {true, false}, {});
  EXPECT_THAT(feed(session, startup({{"user", "clinician"}})), ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C28000")), StartsWith("close"), "record auth.fail"));
}

TEST_F(FrontDoorTest, bytes_behind_an_ssl_request_are_not_taken_for_tls) {
  Session session(services, {true, false}, {});
  EXPECT_THAT(feed(session, ssl_request() + query("select 1")), Contains(StartsWith("close")));
}

TEST_F(FrontDoorTest, ssl_and_gssenc_may_be_asked_for_once_each) {
  Session session(services, {true, false}, {});
  const Bytes gss("\0\0\0\x08\x04\xd2\x16\x30", 8);
  EXPECT_THAT(feed(session, gss), ElementsAre("client ... 1 bytes"));
  EXPECT_THAT(feed(session, ssl_request()), ElementsAre("client ... 1 bytes", "start client tls"));
  Session twice(services, {true, false}, {});
  feed(twice, gss);
  EXPECT_THAT(feed(twice, gss), Contains(StartsWith("close")));
}

TEST_F(FrontDoorTest, a_cancel_request_needs_no_log_in) {
  Session session(services, {true, false}, {});
  EXPECT_THAT(feed(session, Bytes("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07" "ours", 16)), ElementsAre("cancel 7"));
}

TEST_F(FrontDoorTest, malformed_packets_close_the_connection) {
  for (const Bytes& bytes : {Bytes("\0\0\0\x04", 4), Bytes("\xde\xad\xbe\xef", 4), Bytes("\0\0\0\x10\0\x03\0\0useraaaa", 16), Bytes("Q\0\0\0\x05", 5)}) {
    Session session(services, {false, true}, {});
    EXPECT_THAT(feed(session, bytes), Contains(StartsWith("close")));
  }
}

TEST_F(FrontDoorTest, a_good_token_leads_to_the_server) {
  EXPECT_THAT(log_in(token()), ElementsAre("record session.open", "connect server"));
}

TEST_F(FrontDoorTest, whatever_was_wrong_the_answer_is_the_same) {
  const auto wrong = log_in("no token at all");
  ASSERT_THAT(wrong, Contains(HasSubstr("C28P01")));
  EXPECT_EQ(log_in(token() + "x"), wrong);
  EXPECT_EQ(log_in(token({"clinician"}, "")), wrong);            // no tenant
  EXPECT_EQ(log_in(token({"clinician"}, "not-a-uuid")), wrong);  // no uuid
  services.clock += 4000;
  auto late = token();
  services.clock += 4000;
  EXPECT_EQ(log_in(late), wrong);
}

TEST_F(FrontDoorTest, the_role_is_the_tokens) {
  EXPECT_THAT(log_in(token({"janitor"})), Contains(HasSubstr("C28000")));
  EXPECT_THAT(log_in(token({"clinician", "janitor"}), {{"user", "somebody"}, {"database", "ehr"}}), Contains("connect server"));
}

TEST_F(FrontDoorTest, refused_parameters_and_databases) {
  EXPECT_THAT(log_in(token(), {{"user", "clinician"}, {"database", "other"}}), Contains(HasSubstr("C3D000")));
  EXPECT_THAT(log_in(token(), {{"user", "clinician"}, {"database", "ehr"}, {"app.tenant_id", "x"}}), Contains(HasSubstr("C42501")));
  Session session(services, {false, true}, {});
  EXPECT_THAT(feed(session, startup({{"user", "clinician"}, {"replication", "database"}})), Contains(HasSubstr("C0A000")));
}

TEST_F(FrontDoorTest, an_oversized_password_is_refused_before_it_is_read) {
  Session session(services, {false, true}, {});
  feed(session, startup({{"user", "clinician"}, {"database", "ehr"}}));
  EXPECT_THAT(feed(session, Bytes("p\0\x10\0\0", 5)), Contains(StartsWith("close")));
}

TEST_F(FrontDoorTest, time_runs_out) {
  Session session(services, {false, true}, {});
  Actions actions;
  services.clock += 31;
  session.on_clock(actions);
  EXPECT_THAT(lines(actions), ElementsAre(HasSubstr("C57014"), StartsWith("close")));
}

}  // namespace
}  // namespace pgward::proxy::test
