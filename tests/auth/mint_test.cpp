#include "auth/mint.h"

#include <gmock/gmock.h>
#include <openssl/rsa.h>

#include "auth/jwk_write.h"
#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

MintRequest request() {
  MintRequest wanted;
  wanted.issuer = kIssuer;
  wanted.audience = kAudience;
  wanted.subject = "user-17";
  wanted.roles = {"clinician"};
  wanted.claims = {{"clinic_id", "7"}, {"name", "Zoë"}};
  wanted.now = kNow;
  return wanted;
}

class Mint : public ::testing::TestWithParam<const char*> {};

// What `pgward token --new-key` writes is what the verifier reads, without a change by hand.
TEST_P(Mint, TokenOfANewKeyGetsIn) {
  const NewKey key = std::get<NewKey>(new_key(GetParam()));
  IssuerConfig config = config_of({"es"});
  config.jwks = key.jwks;
  const JwtVerifier verifier = verifier_of(config);
  const std::string token = std::get<std::string>(mint_token(key.private_key_pem, request()));
  const auto result = verifier.verify(token, kNow);
  ASSERT_TRUE(std::holds_alternative<Identity>(result)) << name_of(std::get<JwtError>(result));
  const Identity& identity = std::get<Identity>(result);
  EXPECT_EQ(identity.subject, "user-17");
  EXPECT_THAT(identity.roles, ElementsAre("clinician"));
  EXPECT_EQ(identity.claims.at("clinic_id"), "7");
  EXPECT_EQ(identity.claims.at("name"), "Zoë");
  EXPECT_EQ(identity.expires_at, kNow + 600);
  EXPECT_EQ(identity.credential_id.size(), 22u);
  EXPECT_EQ(verdict(verifier, token, kNow + 600), "expired");
}

TEST_P(Mint, NewKeyIsPrivateHereAndPublicThere) {
  const NewKey key = std::get<NewKey>(new_key(GetParam()));
  EXPECT_THAT(std::string{key.private_key_pem.reveal()}, StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  const Json set = Json::parse(key.jwks);
  ASSERT_EQ(set["keys"].size(), 1u);
  EXPECT_EQ(set["keys"][0]["alg"], GetParam());
  EXPECT_EQ(set["keys"][0]["kid"].get<std::string>().size(), 43u);
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"}) EXPECT_FALSE(set["keys"][0].contains(name));
}

INSTANTIATE_TEST_SUITE_P(, Mint, ::testing::Values("ES256", "RS256", "EdDSA"),
                         [](const auto& row) { return std::string{row.param}; });

std::string fault_of(const Secret& pem, const MintRequest& wanted) {
  const auto made = mint_token(pem, wanted);
  const auto* error = std::get_if<MintError>(&made);
  return error == nullptr ? "ok" : error->text;
}

TEST(MintFault, NamesWhatIsMissing) {
  const Secret& pem = forge_key("es").pem;
  const auto fault = [&](const std::function<void(MintRequest&)>& spoil) {
    MintRequest wanted = request();
    spoil(wanted);
    return fault_of(pem, wanted);
  };
  EXPECT_EQ(fault([](MintRequest&) {}), "ok");
  EXPECT_THAT(fault([](MintRequest& r) { r.issuer = ""; }), HasSubstr("issuer"));
  EXPECT_THAT(fault([](MintRequest& r) { r.audience = ""; }), HasSubstr("audience"));
  EXPECT_THAT(fault([](MintRequest& r) { r.subject = ""; }), HasSubstr("subject"));
  EXPECT_THAT(fault([](MintRequest& r) { r.ttl_s = 0; }), HasSubstr("life"));
  EXPECT_THAT(fault([](MintRequest& r) { r.ttl_s = INT64_MAX; }), HasSubstr("life"));
  for (const char* name : {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "roles"})
    EXPECT_THAT(fault([&](MintRequest& r) { r.claims[name] = "9"; }), HasSubstr("set by the token")) << name;
  EXPECT_THAT(fault([](MintRequest& r) { r.claims["x"] = "\xff"; }), HasSubstr("UTF-8"));
  EXPECT_THAT(fault([](MintRequest& r) { r.kid = "\xff"; }), HasSubstr("UTF-8"));
}

TEST(MintFault, NamesWhatIsWrongWithTheKey) {
  EXPECT_THAT(fault_of(Secret{}, request()), HasSubstr("PEM"));
  EXPECT_THAT(fault_of(Secret{std::string{"not a key"}}, request()), HasSubstr("PEM"));
  EXPECT_THAT(std::get<MintError>(new_key("HS256")).text, HasSubstr("ES256"));
  EXPECT_THAT(std::get<MintError>(new_key("")).text, HasSubstr("ES256"));
}

// With a passphrase OpenSSL would ask at the terminal, and hang where there is none to answer.
TEST(MintFault, EncryptedKeyIsRefusedWithoutAQuestion) {
  const std::string pem =
      "-----BEGIN ENCRYPTED PRIVATE "
      "KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAAICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAAAAAAAAAAAAAAAAAAAAAAEgZAA\n-----END ENCRYPTED PRIVATE "
      "KEY-----\n";
  EXPECT_THAT(fault_of(Secret{pem}, request()), HasSubstr("unencrypted"));
}

TEST(MintFault, OtherCurvesAndSmallKeysAreRefused) {
  for (const KeyHandle& key : {KeyHandle{EVP_EC_gen("P-384")}, KeyHandle{EVP_RSA_gen(1024)},
                               KeyHandle{EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")}})
    EXPECT_THAT(fault_of(write_private_key(*key), request()), HasSubstr("P-256"));
}

}  // namespace
}  // namespace pgward::auth::testing
