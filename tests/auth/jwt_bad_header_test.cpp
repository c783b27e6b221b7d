// Tokens whose header asks for something. Signed with the key that the verifier would use, so that nothing
// but the header is wrong.
#include <gtest/gtest.h>

#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

struct Case {
  const char* name;
  const char* signer;  // kid of the test key
  const char* patch;   // see edited()
  const char* splice;
  const char* verdict;
};

class JwtBadHeader : public ::testing::TestWithParam<Case> {};

TEST_P(JwtBadHeader, IsRefused) {
  const Case& row = GetParam();
  const std::string header = edited(good_header(), row.patch, row.splice);
  const std::string token = signed_token(header, good_payload().dump(), row.signer);
  EXPECT_EQ(verdict(usual_verifier(), token), row.verdict);
}

constexpr const char* kNone = "";

INSTANTIATE_TEST_SUITE_P(
    Algorithm, JwtBadHeader,
    ::testing::Values(Case{"absent", "es", R"({"alg":null})", kNone, "algorithm_refused"},
                      Case{"none", "es", R"({"alg":"none"})", kNone, "algorithm_refused"},
                      Case{"none_mixed_case", "es", R"({"alg":"nOnE"})", kNone, "algorithm_refused"},
                      Case{"empty", "es", R"({"alg":""})", kNone, "algorithm_refused"},
                      Case{"lower_case", "es", R"({"alg":"es256"})", kNone, "algorithm_refused"},
                      Case{"nul_added", "es", R"({"alg":"ES256\u0000"})", kNone, "algorithm_refused"},
                      Case{"space_added", "es", R"({"alg":" ES256"})", kNone, "algorithm_refused"},
                      Case{"hs256", "es", R"({"alg":"HS256"})", kNone, "algorithm_refused"},
                      Case{"hs512", "rs", R"({"alg":"HS512","kid":"rs"})", kNone, "algorithm_refused"},
                      Case{"es384", "es", R"({"alg":"ES384"})", kNone, "algorithm_refused"},
                      Case{"es256k", "es", R"({"alg":"ES256K"})", kNone, "algorithm_refused"},
                      Case{"rs1", "rs", R"({"alg":"RS1","kid":"rs"})", kNone, "algorithm_refused"},
                      Case{"rs512", "rs", R"({"alg":"RS512","kid":"rs"})", kNone, "algorithm_refused"},
                      Case{"ps256", "rs", R"({"alg":"PS256","kid":"rs"})", kNone, "algorithm_refused"},
                      Case{"ed448", "ed", R"({"alg":"Ed448","kid":"ed"})", kNone, "algorithm_refused"},
                      Case{"array", "es", R"({"alg":["ES256"]})", kNone, "algorithm_refused"},
                      Case{"number", "es", R"({"alg":256})", kNone, "algorithm_refused"},
                      Case{"null_", "es", R"({"alg":null})", R"("alg":null)", "algorithm_refused"},
                      Case{"twice", "es", "", R"("alg":"ES256")", "duplicate_member"},
                      Case{"second_is_none", "es", "", R"("alg":"none")", "duplicate_member"},
                      Case{"es_for_rsa_key", "rs", R"({"kid":"rs"})", kNone, "algorithm_mismatch"},
                      Case{"rs_for_ec_key", "es", R"({"alg":"RS256"})", kNone, "algorithm_mismatch"},
                      Case{"eddsa_for_ec_key", "es", R"({"alg":"EdDSA"})", kNone, "algorithm_mismatch"},
                      Case{"rs_for_ed_key", "ed", R"({"alg":"RS256","kid":"ed"})", kNone,
                           "algorithm_mismatch"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    KeyId, JwtBadHeader,
    ::testing::Values(Case{"unknown", "es", R"({"kid":"es9"})", kNone, "unknown_key"},
                      Case{"empty", "es", R"({"kid":""})", kNone, "unknown_key"},
                      Case{"number", "es", R"({"kid":0})", kNone, "unknown_key"},
                      Case{"array", "es", R"({"kid":["es"]})", kNone, "unknown_key"},
                      Case{"null_", "es", R"({"kid":null})", R"("kid":null)", "unknown_key"},
                      Case{"other_case", "es", R"({"kid":"ES"})", kNone, "unknown_key"},
                      Case{"nul_added", "es", R"({"kid":"es\u0000"})", kNone, "unknown_key"},
                      Case{"path", "es", R"({"kid":"../../../dev/null"})", kNone, "unknown_key"},
                      Case{"sql", "es", R"({"kid":"x' union select 'k"})", kNone, "unknown_key"},
                      Case{"command", "es", R"({"kid":"es|/bin/true"})", kNone, "unknown_key"},
                      Case{"url", "es", R"({"kid":"https://evil.test/jwks.json"})", kNone, "unknown_key"},
                      Case{"of_a_stranger", "stranger", R"({"kid":"stranger"})", kNone, "unknown_key"},
                      Case{"ours_but_signed_by_stranger", "stranger", "", kNone, "bad_signature"},
                      Case{"none_and_signed_by_stranger", "stranger", R"({"kid":null})", kNone,
                           "bad_signature"},
                      Case{"twice", "es", "", R"("kid":"rs")", "duplicate_member"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Extensions, JwtBadHeader,
    ::testing::Values(Case{"crit", "es", R"({"crit":["exp"]})", kNone, "critical_header"},
                      Case{"crit_empty", "es", R"({"crit":[]})", kNone, "critical_header"},
                      Case{"crit_null", "es", "", R"("crit":null)", "critical_header"},
                      Case{"crit_and_b64", "es", R"({"crit":["b64"],"b64":false})", kNone, "critical_header"},
                      Case{"b64_alone", "es", R"({"b64":false})", kNone, "critical_header"},
                      Case{"b64_true", "es", R"({"b64":true})", kNone, "critical_header"},
                      Case{"jku", "es", R"({"jku":"https://evil.test/jwks.json"})", kNone, "embedded_key"},
                      Case{"jku_of_our_issuer", "es", R"({"jku":"https://idp.test/jwks"})", kNone,
                           "embedded_key"},
                      Case{"x5u", "es", R"({"x5u":"https://evil.test/c.pem"})", kNone, "embedded_key"},
                      Case{"x5c", "es", R"({"x5c":["MIIB"]})", kNone, "embedded_key"},
                      Case{"jwk_null", "es", "", R"("jwk":null)", "embedded_key"},
                      Case{"jwk_symmetric", "es", R"({"jwk":{"kty":"oct","k":"AA"}})", kNone, "embedded_key"},
                      Case{"nested_token", "es", R"({"cty":"JWT"})", kNone, "not_a_jwt"},
                      Case{"logout_token", "es", R"({"typ":"logout+jwt"})", kNone, "not_a_jwt"},
                      Case{"proof_of_possession", "es", R"({"typ":"dpop+jwt"})", kNone, "not_a_jwt"},
                      Case{"typ_number", "es", R"({"typ":1})", kNone, "not_a_jwt"},
                      Case{"typ_empty", "es", R"({"typ":""})", kNone, "not_a_jwt"},
                      Case{"duplicate_of_unknown", "es", R"({"x":1})", R"("x":1)", "duplicate_member"},
                      Case{"too_deep", "es", "", R"("x":[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]])", "too_deep"}),
    [](const auto& row) { return row.param.name; });

// The classic: the token carries its own key, and is signed with it.
TEST(JwtBadHeaderAlone, EmbeddedKeyThatSignedIsRefused) {
  Json header = good_header();
  header["jwk"] = forge_key("stranger").jwk;
  EXPECT_EQ(verdict(usual_verifier(), signed_token(header.dump(), good_payload().dump(), "stranger")),
            "embedded_key");
}

}  // namespace
}  // namespace pgward::auth::testing
