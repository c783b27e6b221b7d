// The first packets: what is refused before anybody has proved anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/sasl.h"
#include "protocol/startup.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"

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
  std::string token(std::vector<std::string> roles = {"clinician"}, std::string tenant = std::string(kTenantA)) {
    auto request = issuer_.request();
    request.roles = std::move(roles);
    request.claims["clinic_id"] = tenant;
    if (tenant.empty()) request.claims.clear();
    return issuer_.token(request);
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
  TestIssuer issuer_{services};
};

TEST_F(FrontDoorTest, plaintext_is_refused_unless_it_is_allowed) {
  Session session(services, {true, false}, {});
  EXPECT_THAT(feed(session, startup({{"user", "clinician"}})), ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C28000")), StartsWith("close"), "record auth.fail"));
}

TEST_F(FrontDoorTest, who_fits_no_entry_is_not_asked_for_a_password) {
  for (const bool reject : {false, true}) {
    auto world = std::make_shared<World>(*services.world_);
    world->access = {auth::AccessRule{}};
    world->access[0].addresses = {*auth::AddressRange::parse("10.0.0.0/8")};
    if (reject) {
      world->access[0].method = auth::Method::reject;
      world->access.emplace_back();
    }
    services.world_ = world;
    for (const bool inside : {false, true}) {
      audit::Source source;
      source.address = inside ? "10.1.2.3" : "192.0.2.1";
      Session session(services, {false, true}, source);
      const auto answer = feed(session, startup({{"user", "clinician"}, {"database", "ehr"}}));
      if (inside != reject)
        EXPECT_THAT(answer, ElementsAre(StartsWith("client R")));
      else
        EXPECT_THAT(answer, ElementsAre(AllOf(HasSubstr("FATAL"), HasSubstr("C28000")), StartsWith("close"), "record auth.fail"));
    }
  }
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

TEST_F(FrontDoorTest, tls_may_begin_at_once_and_then_needs_alpn) {
  for (const bool alpn : {true, false}) {
    Session session(services, {true, false}, {});
    Actions actions;
    session.on_client_hello(actions);
    EXPECT_THAT(lines(actions), ElementsAre("start client tls"));
    EXPECT_FALSE(session.wants_client_bytes());
    actions.clear();
    session.on_client_tls({"TLSv1.3", alpn, {}}, actions);
    if (alpn)
      EXPECT_THAT(lines(actions), IsEmpty());
    else
      EXPECT_THAT(lines(actions), ElementsAre("close direct TLS without ALPN", "record auth.fail"));
    EXPECT_EQ(session.wants_client_bytes(), alpn);
  }
}

// Its file is on a disk, and somebody may hold its lock: no reactor waits for that.
TEST_F(FrontDoorTest, the_tenants_key_is_waited_for) {
  for (const bool there : {true, false}) {
    services.keys_wait = true;
    if (!there) services.subject_key_ = nullptr;
    Session session(services, {false, true}, {});
    feed(session, startup({{"user", "clinician"}, {"database", "ehr"}}));
    Actions actions;
    session.on_client_bytes(password(token()), actions);
    ASSERT_THAT(lines(actions), ElementsAre("find key"));
    auto job = std::get<FindKey>(actions.list().at(0)).job;
    EXPECT_THAT(feed(session, query("select 1")), IsEmpty());
    const auto news = [&] {
      Actions more;
      session.on_news(more);
      if (!more.list().empty())
        if (const auto* asked = std::get_if<FindKey>(&more.list()[0])) job = asked->job;
      return lines(more);
    };
    EXPECT_THAT(news(), IsEmpty()) << "of something else";
    job->turn_away();
    EXPECT_THAT(news(), ElementsAre("find key")) << "there was no room";
    EXPECT_THAT(news(), IsEmpty()) << "once";
    job->run();
    if (there)
      EXPECT_THAT(news(), ElementsAre("record session.open", "connect server"));
    else
      EXPECT_THAT(news(), ElementsAre(HasSubstr("FATAL"), StartsWith("close")));
  }
}

TEST_F(FrontDoorTest, the_wait_for_a_key_has_an_end) {
  services.keys_wait = true;
  std::shared_ptr<KeyJob> job;
  {
    Session session(services, {false, true}, {});
    feed(session, startup({{"user", "clinician"}, {"database", "ehr"}}));
    Actions actions;
    session.on_client_bytes(password(token()), actions);
    job = std::get<FindKey>(actions.list().at(0)).job;
    services.clock += 31;
    Actions late;
    session.on_clock(late);
    EXPECT_THAT(lines(late), Contains(StartsWith("close")));
    job->run();
    Actions none;
    session.on_news(none);
    EXPECT_THAT(lines(none), IsEmpty());
  }
  EXPECT_TRUE(job->done());
}

TEST_F(FrontDoorTest, after_an_ssl_request_alpn_is_not_asked_for) {
  Session session(services, {true, false}, {});
  feed(session, ssl_request());
  Actions actions;
  session.on_client_tls({"TLSv1.3", false, {}}, actions);
  EXPECT_THAT(lines(actions), IsEmpty());
  EXPECT_TRUE(session.wants_client_bytes());
}

TEST_F(FrontDoorTest, direct_tls_where_there_is_none_ends_without_a_word) {
  Session session(services, {false, true}, {});
  Actions actions;
  session.on_client_hello(actions);
  EXPECT_THAT(lines(actions), ElementsAre(StartsWith("close"), "record auth.fail"));
}

TEST_F(FrontDoorTest, inside_direct_tls_an_ssl_request_is_declined_once) {
  Session session(services, {true, false}, {});
  Actions actions;
  session.on_client_hello(actions);
  session.on_client_tls({"TLSv1.3", true, {}}, actions);
  EXPECT_THAT(feed(session, ssl_request()), ElementsAre("client ... 1 bytes"));
  EXPECT_THAT(feed(session, ssl_request()), Contains(StartsWith("close")));
}

struct Version {
  const char* name;
  std::uint16_t minor;
  std::vector<std::pair<std::string, std::string>> more;
  std::string answer;  // the body of NegotiateProtocolVersion; empty: none is sent
};
class VersionTest : public FrontDoorTest, public testing::WithParamInterface<Version> {};

TEST_P(VersionTest, is_negotiated) {
  std::vector<std::pair<std::string, std::string>> parameters{{"user", "clinician"}};
  parameters.insert(parameters.end(), GetParam().more.begin(), GetParam().more.end());
  Bytes packet;
  protocol::encode_startup(packet, parameters, GetParam().minor);
  Session session(services, {false, true}, {});
  Actions actions;
  session.on_client_bytes(packet, actions);
  Bytes said;
  for (const Action& action : actions.list()) said += std::get<ToClient>(action).bytes();
  const Bytes password_asked_for("R\0\0\0\x08\0\0\0\3", 9);
  EXPECT_EQ(said, (GetParam().answer.empty() ? Bytes{} : message('v', GetParam().answer)) + password_asked_for);
}

INSTANTIATE_TEST_SUITE_P(, VersionTest, testing::Values(
    Version{"plain_3_0", 0, {}, ""},
    Version{"plain_3_2", 2, {}, ""},
    Version{"option_in_3_0", 0, {{"_pq_.compression", "on"}}, std::string("\0\3\0\0\0\0\0\1_pq_.compression\0", 25)},
    Version{"options_in_3_2", 2, {{"_pq_.a", "1"}, {"_pq_.b", "2"}}, std::string("\0\3\0\2\0\0\0\2_pq_.a\0_pq_.b\0", 22)},
    Version{"grease", 9999, {}, std::string("\0\3\0\2\0\0\0\0", 8)}),
    [](const auto& row) { return row.param.name; });

TEST_F(FrontDoorTest, other_major_versions_are_refused) {
  for (const std::string_view version : {std::string_view("\0\2\0\0", 4), std::string_view("\0\4\0\0", 4)}) {
    Session session(services, {false, true}, {});
    EXPECT_THAT(feed(session, Bytes("\0\0\0\x09", 4) + Bytes(version) + Bytes(1, '\0')), Contains(HasSubstr("C0A000")));
  }
}

TEST_F(FrontDoorTest, a_cancel_request_needs_no_log_in) {
  Session session(services, {true, false}, {});
  EXPECT_THAT(feed(session, Bytes("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07" "ours", 16)), ElementsAre("cancel 7"));
}

TEST_F(FrontDoorTest, when_full_a_session_is_refused_and_a_cancel_is_not) {
  Session session(services, {false, true, true}, {});
  EXPECT_THAT(feed(session, startup({{"user", "clinician"}})), Contains(AllOf(HasSubstr("FATAL"), HasSubstr("C53300"))));
  Session cancel(services, {false, true, true}, {});
  EXPECT_THAT(feed(cancel, Bytes("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07" "ours", 16)), ElementsAre("cancel 7"));
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

class OAuthTest : public FrontDoorTest {
 protected:
  OAuthTest() {
    auto world = std::make_shared<World>(*services.world_);
    world->access[0].method = auth::Method::oauth;
    world->oauth_failure = "{\"status\":\"invalid_token\"}";
    services.world_ = world;
    feed(session, startup({{"user", "clinician"}, {"database", "ehr"}}));
  }
  Bytes initial(const std::string& auth, std::string_view mechanism = "OAUTHBEARER") {
    Bytes out;
    protocol::encode_sasl_initial(out, mechanism, "n,,\x01" "auth=" + auth + "\x01\x01");
    return out;
  }
  Session session{services, {false, true}, {}};
};

TEST_F(OAuthTest, a_good_token_lets_in) { EXPECT_THAT(feed(session, initial("Bearer " + token())), Contains("connect server")); }

TEST_F(OAuthTest, a_bad_one_is_told_where_to_get_a_good_one_and_fails) {
  EXPECT_THAT(feed(session, initial("Bearer eyJ.a.b")), ElementsAre(HasSubstr("invalid_token")));
  EXPECT_THAT(feed(session, message('p', "\x01")), ElementsAre(HasSubstr("C28P01"), StartsWith("close"), "record auth.fail"));
}

TEST_F(OAuthTest, who_asks_where_to_get_one_has_not_failed) {
  EXPECT_THAT(feed(session, initial("")), ElementsAre(HasSubstr("invalid_token")));
  EXPECT_THAT(feed(session, message('p', "\x01")), ElementsAre(HasSubstr("C28P01"), "close oauth: discovery"));
}

TEST_F(OAuthTest, a_second_token_in_the_same_exchange_is_no_answer) {
  feed(session, initial("Bearer eyJ.a.b"));
  EXPECT_THAT(feed(session, initial("Bearer " + token())), Contains(StartsWith("close")));
}

TEST_F(OAuthTest, other_mechanisms_are_refused) {
  EXPECT_THAT(feed(session, initial("Bearer " + token(), "SCRAM-SHA-256")), Contains(StartsWith("close")));
}

}  // namespace
}  // namespace pgward::proxy::test
