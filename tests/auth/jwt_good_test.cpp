// Tokens that must get in, and what the verifier makes of them.
#include <gmock/gmock.h>

#include <thread>

#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Identity identity_of(std::string_view patch) {
  const std::string token = signed_token(good_header().dump(), edited(good_payload(), patch));
  return std::get<Identity>(usual_verifier().verify(token, kNow));
}

struct Case {
  const char* name;
  const char* signer;
  const char* header_patch;
  const char* payload_patch;
};

class JwtGood : public ::testing::TestWithParam<Case> {};

TEST_P(JwtGood, GetsIn) {
  const Case& row = GetParam();
  const std::string token = signed_token(edited(good_header(), row.header_patch),
                                         edited(good_payload(), row.payload_patch), row.signer);
  EXPECT_EQ(verdict(usual_verifier(), token), "ok");
}

INSTANTIATE_TEST_SUITE_P(
    , JwtGood,
    ::testing::Values(Case{"es256", "es", "", ""}, Case{"rs256", "rs", R"({"alg":"RS256","kid":"rs"})", ""},
                      Case{"eddsa", "ed", R"({"alg":"EdDSA","kid":"ed"})", ""},
                      Case{"eddsa_by_its_new_name", "ed", R"({"alg":"Ed25519","kid":"ed"})", ""},
                      Case{"no_kid_and_one_key_that_fits", "rs", R"({"alg":"RS256","kid":null})", ""},
                      Case{"no_typ", "es", R"({"typ":null})", ""},
                      Case{"typ_lower_case", "es", R"({"typ":"jwt"})", ""},
                      Case{"typ_access_token", "es", R"({"typ":"at+JWT"})", ""},
                      Case{"unknown_header_member", "es", R"({"x5t":"abc"})", ""},
                      Case{"audience_among_others", "es", "", R"({"aud":["other","pgward"]})"},
                      Case{"a_second_left", "es", "", R"({"exp":1750000001})"},
                      Case{"longest_life", "es", "", R"({"iat":1749999700})"},
                      Case{"iat_at_the_skew", "es", "", R"({"iat":1750000030})"},
                      Case{"nbf_at_the_skew", "es", "", R"({"nbf":1750000030})"},
                      Case{"nbf_past", "es", "", R"({"nbf":0})"},
                      Case{"whole_double", "es", "", R"({"exp":1.7500006e9})"},
                      Case{"one_role_as_text", "es", "", R"({"roles":"clinician"})"},
                      Case{"no_jti", "es", "", R"({"jti":null})"},
                      Case{"unicode_subject", "es", "", R"({"sub":"Zoë \u00a0 \ud83e\ude7a"})"},
                      Case{"nested_claims_are_ignored", "es", "", R"({"address":{"street":"a\nb"}})"}),
    [](const auto& row) { return row.param.name; });

TEST(JwtIdentity, SaysWhatTheTokenSays) {
  const Identity identity = identity_of("{}");
  EXPECT_EQ(identity.issuer, kIssuer);
  EXPECT_EQ(identity.subject, "user-17");
  EXPECT_THAT(identity.roles, ElementsAre("clinician", "nurse"));
  EXPECT_EQ(identity.credential_type, "jwt");
  EXPECT_EQ(identity.credential_id, "t-1");
  EXPECT_EQ(identity.expires_at, kNow + 600);
  EXPECT_EQ(identity.claims.at("clinic_id"), "7");
}

TEST(JwtIdentity, HoldsScalarClaimsAsText) {
  const Identity identity = identity_of(
      R"({"iss":"https://idp.test","a":"text","b":7,"c":-7,"d":18446744073709551615,"e":true,"f":false,
          "g":"","h":[1],"i":{"j":1},"k":1.5,"l":[],"clinic_id":null,"jti":null})");
  EXPECT_THAT(identity.claims,
              UnorderedElementsAre(Pair("iss", kIssuer), Pair("aud", kAudience), Pair("sub", "user-17"),
                                   Pair("iat", "1749999990"), Pair("exp", "1750000600"), Pair("a", "text"),
                                   Pair("b", "7"), Pair("c", "-7"), Pair("d", "18446744073709551615"),
                                   Pair("e", "true"), Pair("f", "false")));
  EXPECT_EQ(identity.credential_id, "");
}

// A tenant that is empty, a list or a fraction is no tenant: it is not among the claims at all.
TEST(JwtIdentity, LeavesOutWhatIsNoTenant) {
  for (const char* value : {R"("")", R"(["7"])", R"({"id":"7"})", "7.0", "1e2"}) {
    const Identity identity = identity_of(R"({"clinic_id":)" + std::string{value} + "}");
    EXPECT_FALSE(identity.claims.contains("clinic_id")) << value;
  }
}

TEST(JwtIdentity, CountsARoleOnce) {
  EXPECT_THAT(identity_of(R"({"roles":["b","a","b"]})").roles, ElementsAre("a", "b"));
}

TEST(JwtSeveralIssuers, EachIsBoundToItsKeysAndAudience) {
  IssuerConfig second = config_of({"es2"});
  second.issuer = "https://second.test";
  second.audience = "second";
  auto made = JwtVerifier::create({config_of({"es"}), second});
  const auto& verifier = std::get<JwtVerifier>(made);
  const auto token = [](const char* kid, const char* iss, const char* aud) {
    const Json header{{"alg", "ES256"}, {"kid", kid}};
    const Json patch{{"iss", iss}, {"aud", aud}};
    return signed_token(header.dump(), edited(good_payload(), patch.dump()), kid);
  };
  EXPECT_EQ(verdict(verifier, token("es", "https://idp.test", "pgward")), "ok");
  EXPECT_EQ(verdict(verifier, token("es2", "https://second.test", "second")), "ok");
  EXPECT_EQ(verdict(verifier, token("es2", "https://idp.test", "pgward")), "unknown_key");
  EXPECT_EQ(verdict(verifier, token("es", "https://second.test", "second")), "unknown_key");
  EXPECT_EQ(verdict(verifier, token("es", "https://idp.test", "second")), "wrong_audience");
}

TEST(JwtSeveralKeys, WithoutKidAnAmbiguousKeyIsRefused) {
  const JwtVerifier verifier = verifier_of(config_of({"es", "es2", "rs"}));
  const std::string payload = good_payload().dump();
  EXPECT_EQ(verdict(verifier, signed_token(R"({"alg":"ES256"})", payload, "es")), "unknown_key");
  EXPECT_EQ(verdict(verifier, signed_token(R"({"alg":"ES256"})", payload, "es2")), "unknown_key");
  EXPECT_EQ(verdict(verifier, signed_token(R"({"alg":"RS256"})", payload, "rs")), "ok");
  EXPECT_EQ(verdict(verifier, signed_token(R"({"alg":"EdDSA"})", payload, "ed")), "unknown_key");
}

TEST(JwtOptions, AreKept) {
  IssuerConfig config = config_of({"es"});
  config.roles_claim = "groups";
  config.lifetime_max_s = 3600;
  config.clock_skew_s = 0;
  const JwtVerifier verifier = verifier_of(config);
  const auto judged = [&](const char* patch) {
    return verdict(verifier, signed_token(good_header().dump(), edited(good_payload(), patch)));
  };
  EXPECT_EQ(judged(R"({"groups":["a"]})"), "ok");
  EXPECT_EQ(judged("{}"), "no_role");
  EXPECT_EQ(judged(R"({"groups":["a"],"exp":1750003590})"), "ok");
  EXPECT_EQ(judged(R"({"groups":["a"],"exp":1750003591})"), "lifetime_too_long");
  EXPECT_EQ(judged(R"({"groups":["a"],"iat":1750000001})"), "issued_in_future");
  EXPECT_EQ(judged(R"({"groups":["a"],"nbf":1750000001})"), "not_yet_valid");
}

TEST(JwtOptions, TokenOfTheLongestLengthIsRead) {
  const std::string token = signed_token(good_header().dump(), good_payload().dump());
  IssuerConfig config = config_of({"es"});
  config.token_bytes_max = token.size();
  EXPECT_EQ(verdict(verifier_of(config), token), "ok");
  config.token_bytes_max = token.size() - 1;
  EXPECT_EQ(verdict(verifier_of(config), token), "too_large");
}

TEST(JwtThreads, VerifyTogether) {
  const std::string good = signed_token(good_header().dump(), good_payload().dump());
  const std::string bad = signed_token(good_header().dump(), good_payload().dump(), "stranger");
  std::vector<int> accepted(4, 0);
  std::vector<std::thread> threads;
  for (int& count : accepted)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        count += verdict(usual_verifier(), good) == "ok" ? 1 : 0;
        count += verdict(usual_verifier(), bad) == "ok" ? 1000 : 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(accepted, ElementsAre(50, 50, 50, 50));
}

TEST(JwtErrors, HaveOneNameEach) {
  std::map<std::string_view, int> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(JwtError::count_); ++i)
    ++names[name_of(static_cast<JwtError>(i))];
  EXPECT_EQ(names.size(), static_cast<std::size_t>(JwtError::count_));
  EXPECT_EQ(name_of(JwtError::no_role), "no_role");
  EXPECT_EQ(name_of(JwtError::too_large), "too_large");
  EXPECT_EQ(name_of(JwtError::count_), "unknown");
}

}  // namespace
}  // namespace pgward::auth::testing
