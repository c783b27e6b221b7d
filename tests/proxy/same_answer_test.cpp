// Whatever is wrong with a credential: the same actions at the same ticks of the clock. What verifying took, and how far it
// got, is hidden behind a wait of whole seconds that the clock ends and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/startup.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"

namespace pgward::proxy::test {
namespace {

struct Wrong {
  const char* name;
  void (*change)(auth::MintRequest&);  // null: `text` is said instead
  std::string text;
};

class SameAnswerTest : public testing::TestWithParam<Wrong> {
 protected:
  SameAnswerTest() {
    services.failure_delay = 2;
    session.emplace(services, ListenerRules{true, true}, audit::Source{});
  }
  std::string credential(const Wrong& wrong) const {
    if (!wrong.change) return wrong.text;
    auto request = issuer_.request();
    wrong.change(request);
    auto token = issuer_.token(request);
    if (request.kid == "broken") token.back() = token.back() == 'A' ? 'B' : 'A';
    return token;
  }
  std::vector<std::string> at(const std::function<void(Actions&)>& event) {
    Actions actions;
    event(actions);
    return lines(actions);
  }
  // Everything that happens, second by second.
  std::vector<std::vector<std::string>> story(const std::string& password) {
    Bytes out;
    protocol::encode_startup(out, std::vector<std::pair<std::string, std::string>>{{"user", "clinician"}, {"database", "ehr"}});
    out += message('p', password + '\0');
    std::vector<std::vector<std::string>> told{at([&](Actions& actions) { session->on_client_bytes(out, actions); })};
    for (int second = 0; second < 4; ++second) {
      told.push_back(at([&](Actions& actions) { session->on_clock(actions); }));
      ++services.clock;
    }
    return told;
  }
  FakeServices services;
  std::optional<Session> session;

 private:
  TestIssuer issuer_{services};
};

TEST_P(SameAnswerTest, at_the_same_tick) {
  const std::string fatal = "client E SFATAL VFATAL C28P01 Mpassword authentication failed Hpgward expects a current credential of the kind that its "
                            "operator configured, such as a token (JWT) as the password.";
  const std::vector<std::vector<std::string>> expected{
      {"client R", "record auth.fail"}, {}, {}, {fatal, "close authentication failed"}, {}};
  EXPECT_EQ(story(credential(GetParam())), expected);
}
INSTANTIATE_TEST_SUITE_P(, SameAnswerTest, testing::Values(
    Wrong{"nothing", nullptr, ""}, Wrong{"a_word", nullptr, "secret"}, Wrong{"much", nullptr, std::string(16000, 'x')},
    Wrong{"three_parts", nullptr, "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"},
    Wrong{"expired", [](auth::MintRequest& r) { r.now -= 10'000; }, ""},
    Wrong{"of_tomorrow", [](auth::MintRequest& r) { r.now += 86'400; }, ""},
    Wrong{"another_audience", [](auth::MintRequest& r) { r.audience = "other"; }, ""},
    Wrong{"another_issuer", [](auth::MintRequest& r) { r.issuer = "https://other.test"; }, ""},
    Wrong{"an_unknown_key", [](auth::MintRequest& r) { r.kid = "nobody"; }, ""},
    Wrong{"a_broken_signature", [](auth::MintRequest& r) { r.kid = "broken"; }, ""},
    Wrong{"no_tenant", [](auth::MintRequest& r) { r.claims.clear(); }, ""},
    Wrong{"a_tenant_that_is_none", [](auth::MintRequest& r) { r.claims["clinic_id"] = "x"; }, ""}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::proxy::test
