// The server's side of SCRAM against a client that does it right, and many that do not.
#include "auth/scram_server.h"

#include <gtest/gtest.h>

#include <functional>

#include "auth/base64.h"
#include "auth/scram.h"

namespace pgward::auth {
namespace {

using namespace std::string_literals;

constexpr const char* kSalt = "0123456789abcdef";
constexpr const char* kNonce = "serverserverserver";
const std::string kEndPoint(32, '\xe5');

ScramKeys keys(std::string password = "pencil") { return *derive_scram_keys(Secret{std::move(password)}, kSalt, 4096); }

ScramServer server(std::string end_point = {}, bool plain = true) {
  return ScramServer(keys(), kSalt, 4096, kNonce, {plain, std::move(end_point)});
}

// A client whose every text can be spoiled.
struct Client {
  std::string mechanism = "SCRAM-SHA-256";
  std::string header = "n,,";
  std::string bound;  // behind the header in "c="
  std::string password = "pencil";
  std::string nonce = "clientclient";
  std::function<void(std::string&)> spoil_first = [](std::string&) {};
  std::function<void(std::string&)> spoil_final = [](std::string&) {};  // without proof
  std::function<void(std::string&)> spoil_whole = [](std::string&) {};

  std::variant<std::string, ScramError> run(ScramServer& with) const {
    const std::string bare = "n=,r=" + nonce;
    std::string first = header + bare;
    spoil_first(first);
    auto answer = with.on_client_first(mechanism, first);
    if (std::holds_alternative<ScramError>(answer)) return answer;
    const std::string& server_first = std::get<std::string>(answer);
    std::string final = "c=" + base64_encode(header + bound) + ',' + server_first.substr(0, server_first.find(','));
    spoil_final(final);
    const auto proof = client_proof(keys(password), bare + ',' + server_first + ',' + final);
    std::string whole = final + ",p=" + base64_encode(*proof);
    spoil_whole(whole);
    return with.on_client_final(whole);
  }
};

Client plus() {
  Client client;
  client.mechanism = "SCRAM-SHA-256-PLUS";
  client.header = "p=tls-server-end-point,,";
  client.bound = kEndPoint;
  return client;
}

TEST(ScramServer, our_own_client_gets_in) {
  ScramClient client{Secret{"pencil"s}, random_nonce()};
  auto with = server();
  const auto first = with.on_client_first(kScram, client.client_first());
  ASSERT_TRUE(std::holds_alternative<std::string>(first));
  const auto final = client.on_server_first(std::get<std::string>(first));
  ASSERT_TRUE(final);
  const auto last = with.on_client_final(*final);
  ASSERT_TRUE(std::holds_alternative<std::string>(last));
  EXPECT_TRUE(client.verify_server_final(std::get<std::string>(last)));
}

struct Good {
  const char* name;
  Client client;
  std::string end_point;
};
class GoodClientTest : public testing::TestWithParam<Good> {};
TEST_P(GoodClientTest, gets_in) {
  auto with = server(GetParam().end_point);
  const auto last = GetParam().client.run(with);
  ASSERT_TRUE(std::holds_alternative<std::string>(last)) << name_of(std::get<ScramError>(last));
  EXPECT_EQ(std::get<std::string>(last).substr(0, 2), "v=");
}
Client saying(std::string header) {
  Client client;
  client.header = std::move(header);
  return client;
}
INSTANTIATE_TEST_SUITE_P(, GoodClientTest, testing::Values(
    Good{"plain", Client{}, ""}, Good{"plain_where_plus_is_offered", Client{}, kEndPoint},
    Good{"could_bind_and_was_not_offered", saying("y,,"), ""}, Good{"plus", plus(), kEndPoint}),
    [](const auto& one) { return one.param.name; });

struct Bad {
  const char* name;
  Client client;
  std::string end_point;
  ScramError error;
};
class BadClientTest : public testing::TestWithParam<Bad> {};
TEST_P(BadClientTest, is_refused) {
  auto with = server(GetParam().end_point);
  const auto last = GetParam().client.run(with);
  ASSERT_TRUE(std::holds_alternative<ScramError>(last));
  EXPECT_EQ(name_of(std::get<ScramError>(last)), name_of(GetParam().error));
  // After an error the exchange is over, whatever comes.
  EXPECT_EQ(std::get<ScramError>(with.on_client_final("c=biws,r=x,p=AAAA")), ScramError::out_of_order);
  EXPECT_EQ(std::get<ScramError>(with.on_client_first(kScram, "n,,n=,r=abc")), ScramError::out_of_order);
}
Client with(std::function<void(Client&)> change, Client client = {}) {
  change(client);
  return client;
}
Client first_is(std::string text) {
  return with([&](Client& c) { c.spoil_first = [text](std::string& first) { first = text; }; });
}
Client final_is(std::function<void(std::string&)> spoil) {
  return with([&](Client& c) { c.spoil_final = std::move(spoil); });
}
Client whole_is(std::function<void(std::string&)> spoil) {
  return with([&](Client& c) { c.spoil_whole = std::move(spoil); });
}
void replace(std::string& text, std::string_view what, std::string_view by) { text.replace(text.find(what), what.size(), by); }

INSTANTIATE_TEST_SUITE_P(, BadClientTest, testing::Values(
    Bad{"wrong_password", with([](Client& c) { c.password = "Pencil"; }), "", ScramError::wrong_proof},
    Bad{"no_password", with([](Client& c) { c.password = ""; }), "", ScramError::wrong_proof},
    Bad{"downgrade", saying("y,,"), kEndPoint, ScramError::downgrade},
    Bad{"plus_where_it_is_not_offered", plus(), "", ScramError::unknown_mechanism},
    Bad{"binding_without_plus", with([](Client& c) { c.mechanism = "SCRAM-SHA-256"; }, plus()), kEndPoint, ScramError::binding_not_offered},
    Bad{"plus_without_binding", with([](Client& c) { c.header = "n,,"; c.bound = ""; }, plus()), kEndPoint, ScramError::malformed},
    Bad{"tls_unique", with([](Client& c) { c.header = "p=tls-unique,,"; }, plus()), kEndPoint, ScramError::wrong_binding_type},
    Bad{"another_certificate", with([](Client& c) { c.bound = std::string(32, '\x11'); }, plus()), kEndPoint, ScramError::wrong_binding},
    Bad{"no_certificate", with([](Client& c) { c.bound = ""; }, plus()), kEndPoint, ScramError::wrong_binding},
    Bad{"md5", with([](Client& c) { c.mechanism = "SCRAM-SHA-1"; }), "", ScramError::unknown_mechanism},
    Bad{"plain_mechanism", with([](Client& c) { c.mechanism = "PLAIN"; }), "", ScramError::unknown_mechanism},
    Bad{"no_mechanism", with([](Client& c) { c.mechanism = ""; }), "", ScramError::unknown_mechanism},
    Bad{"authorization_identity", saying("n,a=root,"), "", ScramError::authorization_identity},
    Bad{"empty_first", first_is(""), "", ScramError::malformed},
    Bad{"only_a_header", first_is("n,,"), "", ScramError::malformed},
    Bad{"no_nonce", first_is("n,,n="), "", ScramError::malformed},
    Bad{"empty_nonce", first_is("n,,n=,r="), "", ScramError::malformed},
    Bad{"mandatory_extension", first_is("n,,m=x,n=,r=abc"), "", ScramError::malformed},
    Bad{"extension_behind_the_nonce", first_is("n,,n=,r=abc,x=1"), "", ScramError::malformed},
    Bad{"nonce_with_a_blank", first_is("n,,n=,r=ab c"), "", ScramError::malformed},
    Bad{"nonce_with_a_nul", first_is("n,,n=,r=ab\0c"s), "", ScramError::malformed},
    Bad{"long_nonce", first_is("n,,n=,r=" + std::string(300, 'a')), "", ScramError::malformed},
    Bad{"long_first", first_is("n,,n=" + std::string(5000, 'a') + ",r=abc"), "", ScramError::malformed},
    Bad{"unknown_flag", first_is("x,,n=,r=abc"), "", ScramError::malformed},
    Bad{"flag_with_more", first_is("nn,,n=,r=abc"), "", ScramError::malformed},
    Bad{"header_changed_in_the_final", final_is([](std::string& f) { replace(f, "c=biws", "c=eSws"); }), "", ScramError::wrong_binding},
    Bad{"only_the_clients_nonce", final_is([](std::string& f) { replace(f, "serverserverserver", ""); }), "", ScramError::wrong_nonce},
    Bad{"another_nonce", final_is([](std::string& f) { replace(f, "serverserver", "serverSERVER"); }), "", ScramError::wrong_nonce},
    Bad{"extension_in_the_final", final_is([](std::string& f) { f += ",x=1"; }), "", ScramError::malformed},
    Bad{"empty_final", whole_is([](std::string& w) { w.clear(); }), "", ScramError::malformed},
    Bad{"no_proof", whole_is([](std::string& w) { w.resize(w.find(",p=")); }), "", ScramError::malformed},
    Bad{"empty_proof", whole_is([](std::string& w) { w.resize(w.find(",p=") + 3); }), "", ScramError::malformed},
    Bad{"short_proof", whole_is([](std::string& w) { w.resize(w.find(",p=") + 3); w += "AAAA"; }), "", ScramError::malformed},
    Bad{"proof_of_zeros", whole_is([](std::string& w) { w.resize(w.find(",p=") + 3); w += base64_encode(std::string(32, '\0')); }), "", ScramError::wrong_proof},
    Bad{"proof_not_in_base64", whole_is([](std::string& w) { w.resize(w.find(",p=") + 3); w += std::string(43, '!') + "="; }), "", ScramError::malformed},
    Bad{"proof_twice", whole_is([](std::string& w) { w += w.substr(w.find(",p=")); }), "", ScramError::malformed},
    Bad{"long_final", whole_is([](std::string& w) { w += std::string(5000, 'A'); }), "", ScramError::malformed}),
    [](const auto& one) { return one.param.name; });

TEST(ScramServer, a_proof_is_good_for_one_exchange) {
  std::string recorded;
  Client client = whole_is([&](std::string& whole) { recorded = whole; });
  auto once = server();
  ASSERT_TRUE(std::holds_alternative<std::string>(client.run(once)));
  ScramServer again(keys(), kSalt, 4096, "anotheranother", {true, {}});
  ASSERT_TRUE(std::holds_alternative<std::string>(again.on_client_first(kScram, "n,,n=,r=clientclient")));
  EXPECT_EQ(std::get<ScramError>(again.on_client_final(recorded)), ScramError::wrong_nonce);
}

TEST(ScramServer, where_only_plus_will_do_nothing_else_does) {
  auto strict = server(kEndPoint, false);
  EXPECT_EQ(std::get<ScramError>(strict.on_client_first(kScram, "n,,n=,r=abc")), ScramError::unknown_mechanism);
  auto good = server(kEndPoint, false);
  EXPECT_TRUE(std::holds_alternative<std::string>(plus().run(good)));
}

TEST(ScramServer, without_random_numbers_there_is_no_exchange) {
  ScramServer poor(keys(), kSalt, 4096, "", {true, {}});
  EXPECT_EQ(std::get<ScramError>(poor.on_client_first(kScram, "n,,n=,r=abc")), ScramError::no_crypto);
}

}  // namespace
}  // namespace pgward::auth
