// Our own log-in: what a server that is not ours could try.
#include "proxy/session/upstream_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/authentication.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class UpstreamLoginTest : public testing::Test {
 protected:
  UpstreamLoginTest() : who(admitted(services.world_)) {}
  std::vector<std::string> server(UpstreamLogin& login, const Bytes& bytes) {
    Actions actions;
    ByteView input(bytes);
    while (login.step(input, actions)) {
    }
    return lines(actions);
  }
  static Bytes auth_ok() {
    Bytes out;
    protocol::encode_authentication_ok(out);
    return out;
  }
  FakeServices services;
  Admitted who;
};

TEST_F(UpstreamLoginTest, the_client_gets_our_key_and_the_servers_pid) {
  UpstreamLogin login(services, who);
  EXPECT_THAT(server(login, auth_ok() + message('S', std::string("server_version\0" "15.0\0", 20)) + message('K', std::string("\0\0\0\x07" "them", 8)) + ready('I')),
              ElementsAre("client R", "client S server_version 15.0", "client K ours", "client Z I"));
  EXPECT_TRUE(login.done());
  EXPECT_EQ(login.pid(), 7u);
}

TEST_F(UpstreamLoginTest, keys_are_as_long_as_the_clients_protocol_has_them) {
  who.protocol_minor = 2;
  UpstreamLogin login(services, who);
  server(login, auth_ok() + message('K', std::string("\0\0\0\x07" "them", 8)) + ready('I'));
  EXPECT_EQ(login.client_key().size(), 32u);
}

TEST_F(UpstreamLoginTest, a_new_server_is_asked_for_its_longer_keys) {
  auto world = std::make_shared<World>(*services.world_);
  auto catalog = std::make_shared<policy::Catalog>(*world->catalog("ehr"));
  catalog->server_version_num = 180001;
  world->catalogs["ehr"] = catalog;
  who.world = world;
  UpstreamLogin login(services, who);
  Actions actions;
  login.connected(actions);
  EXPECT_EQ(std::get<ToServer>(actions.list().at(0)).bytes.substr(4, 4), std::string_view("\0\3\0\2", 4));
  // It may offer less, and it may not offer more.
  EXPECT_THAT(server(login, message('v', std::string_view("\0\3\0\0\0\0\0\0", 8))), testing::IsEmpty());
  EXPECT_THAT(server(login, message('v', std::string_view("\0\3\0\3\0\0\0\0", 8))), Contains(StartsWith("close")));
}

TEST_F(UpstreamLoginTest, a_notice_about_the_clients_parameters_reaches_it_and_one_about_our_log_in_does_not) {
  UpstreamLogin login(services, who);
  const Bytes notice = message('N', std::string("SNOTICE\0VNOTICE\0C42622\0Midentifier \"secret\" will be truncated to \"secre\"\0\0", 74));
  EXPECT_THAT(server(login, notice), testing::IsEmpty());
  const auto list = server(login, auth_ok() + notice);
  EXPECT_THAT(list, ElementsAre("client R", AllOf(StartsWith("client N"), HasSubstr("C42622"), Not(HasSubstr("secre")))));
}

TEST_F(UpstreamLoginTest, clear_text_and_md5_are_refused) {
  for (const char kind : {'\3', '\5'}) {
    UpstreamLogin login(services, who);
    std::string body{0, 0, 0, kind};
    if (kind == '\5') body += "salt";
    const auto list = server(login, message('R', body));
    EXPECT_THAT(list, Contains(HasSubstr("C08006")));
    EXPECT_THAT(list, Not(Contains(StartsWith("server"))));
  }
}

TEST_F(UpstreamLoginTest, a_server_that_skips_its_proof_is_refused) {
  UpstreamLogin login(services, who);
  Bytes offer;
  protocol::encode_authentication_sasl(offer, std::vector<std::string_view>{"SCRAM-SHA-256"});
  EXPECT_THAT(server(login, offer), ElementsAre(HasSubstr("SCRAM-SHA-256")));
  EXPECT_THAT(server(login, auth_ok()), Contains(HasSubstr("C08006")));
}

TEST_F(UpstreamLoginTest, plaintext_behind_the_answer_to_ssl_request_is_refused) {
  services.upstream_.tls = true;
  for (const char* answer : {"N", "SR"}) {
    UpstreamLogin login(services, who);
    Actions actions;
    login.connected(actions);
    EXPECT_THAT(server(login, answer), Contains(StartsWith("close")));
  }
}

TEST_F(UpstreamLoginTest, what_the_server_says_of_our_log_in_is_not_the_clients_business) {
  UpstreamLogin login(services, who);
  const auto list = server(login, error("28P01", "password authentication failed for user \"pgward_app\""));
  for (const auto& line : list) EXPECT_THAT(line, Not(HasSubstr("pgward_app")));
  EXPECT_THAT(list, Contains(HasSubstr("C08006")));
}

TEST_F(UpstreamLoginTest, what_the_server_says_of_itself_is) {
  for (const char* state : {"57P03", "57P01", "53300", "3D000"}) {
    UpstreamLogin login(services, who);
    EXPECT_THAT(server(login, error(state, "database \"Qwerylozarn\" is not ready")),
                ElementsAre(AllOf(HasSubstr(std::string("C") + state), Not(HasSubstr("Qwery"))), StartsWith("close")));
  }
}

TEST_F(UpstreamLoginTest, an_encoding_that_we_cannot_read_ends_it) {
  UpstreamLogin login(services, who);
  EXPECT_THAT(server(login, auth_ok() + message('S', std::string("client_encoding\0SQL_ASCII\0", 26))), Contains(HasSubstr("FATAL")));
}

}  // namespace
}  // namespace pgward::proxy::test
