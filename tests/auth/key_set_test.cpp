// Key sets that are refused whole, keys that are left out, configurations that cannot be.
#include "auth/key_set.h"

#include <gmock/gmock.h>
#include <openssl/rsa.h>

#include "auth/base64.h"
#include "token_forge.h"

namespace pgward::auth::testing {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* base;   // kid of the test key that is spoilt
  const char* patch;  // see edited()
  const char* fault;  // part of the text; empty: the key is left out
};

class BadKey : public ::testing::TestWithParam<Case> {};

TEST_P(BadKey, IsRefusedOrLeftOut) {
  const Case& row = GetParam();
  const auto parsed = parse_jwk(Json::parse(edited(forge_key(row.base).jwk, row.patch)));
  if (const auto* fault = std::get_if<std::string>(&parsed)) {
    EXPECT_THAT(*fault, HasSubstr(row.fault));
    EXPECT_STRNE(row.fault, "") << *fault;
  } else {
    EXPECT_STREQ(row.fault, "");
    EXPECT_FALSE(std::get<std::optional<VerifyKey>>(parsed).has_value());
  }
}

constexpr const char* kZeros32 = R"({"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})";

INSTANTIATE_TEST_SUITE_P(Refused, BadKey,
                         ::testing::Values(Case{"no_kty", "es", R"({"kty":null})", "kty"},
                                           Case{"kty_number", "es", R"({"kty":1})", "kty"},
                                           Case{"kid_empty", "es", R"({"kid":""})", "kid"},
                                           Case{"kid_number", "es", R"({"kid":7})", "kid"},
                                           Case{"kid_control", "es", R"({"kid":"a\n"})", "kid"},
                                           Case{"private_ec", "es", R"({"d":"AAAA"})", "private"},
                                           Case{"private_rsa", "rs", R"({"p":"AAAA"})", "private"},
                                           Case{"symmetric", "es", R"({"kty":"oct","k":"AAAA"})",
                                                "private or shared"},
                                           Case{"off_the_curve", "es", kZeros32, "point"},
                                           Case{"no_x", "es", R"({"x":null})", "32 bytes"},
                                           Case{"short_y", "es", R"({"y":"AAAA"})", "32 bytes"},
                                           Case{"y_number", "es", R"({"y":1})", "32 bytes"},
                                           Case{"y_padded", "es", R"({"y":"AAAA="})", "32 bytes"},
                                           Case{"ed_short", "ed", R"({"x":"AAAA"})", "32 bytes"},
                                           Case{"no_modulus", "rs", R"({"n":null})", "base64url"},
                                           Case{"no_exponent", "rs", R"({"e":null})", "base64url"},
                                           Case{"modulus_too_small", "rs", R"({"n":"AQAB"})", "2048"},
                                           Case{"exponent_one", "rs", R"({"e":"AQ"})", "sound"},
                                           Case{"exponent_even", "rs", R"({"e":"AQAA"})", "sound"},
                                           Case{"exponent_huge", "rs", R"({"e":"AQAAAAAAAAAB"})", "64 bits"}),
                         [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(LeftOut, BadKey,
                         ::testing::Values(Case{"unknown_kty", "es", R"({"kty":"AKP"})", ""},
                                           Case{"p384", "es", R"({"crv":"P-384"})", ""},
                                           Case{"ed448", "ed", R"({"crv":"Ed448"})", ""},
                                           Case{"x25519", "ed", R"({"crv":"X25519"})", ""},
                                           Case{"for_encryption", "rs", R"({"use":"enc"})", ""},
                                           Case{"use_number", "rs", R"({"use":1})", ""},
                                           Case{"rs512", "rs", R"({"alg":"RS512"})", ""},
                                           Case{"ps256", "rs", R"({"alg":"PS256"})", ""},
                                           Case{"alg_of_another_type", "rs", R"({"alg":"ES256"})", ""},
                                           Case{"alg_number", "rs", R"({"alg":1})", ""},
                                           Case{"only_to_sign", "es", R"({"key_ops":["sign"]})", ""},
                                           Case{"no_operation", "es", R"({"key_ops":[]})", ""},
                                           Case{"operation_as_text", "es", R"({"key_ops":"verify"})", ""}),
                         [](const auto& row) { return row.param.name; });

TEST(GoodKey, MayLeaveOutWhatIsOptional) {
  for (const char* kid : {"es", "rs", "ed"}) {
    const auto parsed =
        parse_jwk(Json::parse(edited(forge_key(kid).jwk, R"({"kid":null,"alg":null,"use":null})")));
    const auto& key = std::get<std::optional<VerifyKey>>(parsed);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->algorithm, forge_key(kid).algorithm);
    EXPECT_EQ(key->kid, "");
  }
}

TEST(GoodKey, MayNameItsOperations) {
  const auto parsed = parse_jwk(Json::parse(edited(forge_key("es").jwk, R"({"key_ops":["sign","verify"]})")));
  EXPECT_TRUE(std::get<std::optional<VerifyKey>>(parsed).has_value());
}

std::string fault_of(std::string_view jwks) {
  const auto parsed = KeySet::parse(jwks);
  const auto* fault = std::get_if<std::string>(&parsed);
  return fault == nullptr ? "ok" : *fault;
}

TEST(BadKeySet, IsRefused) {
  EXPECT_EQ(fault_of(""), "key set: it is not JSON");
  EXPECT_EQ(fault_of("[]"), "key set: it has no array \"keys\"");
  EXPECT_EQ(fault_of(R"({"keys":{}})"), "key set: it has no array \"keys\"");
  EXPECT_EQ(fault_of(R"({"keys":[],"keys":[]})"), "key set: a member stands in it twice");
  EXPECT_EQ(fault_of(R"({"keys":[],"x":)" + std::string(20, '[') + std::string(20, ']') + "}"),
            "key set: it is nested too deeply");
  EXPECT_EQ(fault_of(R"({"keys":[]})"), "key set: it has no key for verifying ES256, RS256 or EdDSA");
  EXPECT_EQ(fault_of(R"({"keys":[1]})"), "key 1: is not an object");
  EXPECT_EQ(fault_of(jwks_of({"es", "rs", "es"})), "key 3: has the kid of an earlier key");
  EXPECT_EQ(fault_of(std::string(1024 * 1024 + 1, ' ')), "key set: it is longer than 1 MiB");
  EXPECT_EQ(fault_of(jwks_of({"es", "rs"})), "ok");
}

TEST(BadKeySet, SmallRsaKeyIsRefused) {
  const KeyHandle key{EVP_RSA_gen(1024)};
  BIGNUM* raw = nullptr;
  ASSERT_EQ(EVP_PKEY_get_bn_param(key.get(), "n", &raw), 1);
  const Number n{raw};
  std::string bytes(128, '\0');
  BN_bn2binpad(raw, bytes_of(bytes), 128);
  Json jwk = forge_key("rs").jwk;
  jwk["n"] = base64url_encode(bytes);
  EXPECT_EQ(fault_of(Json{{"keys", Json::array({jwk})}}.dump()),
            "key 1: an RSA key must have at least 2048 bits");
}

std::string create_fault(const std::function<void(IssuerConfig&)>& spoil) {
  IssuerConfig config = config_of({"es"});
  spoil(config);
  const auto made = JwtVerifier::create({config});
  const auto* fault = std::get_if<std::string>(&made);
  return fault == nullptr ? "ok" : *fault;
}

TEST(BadConfiguration, IsRefused) {
  EXPECT_EQ(create_fault([](IssuerConfig&) {}), "ok");
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.issuer = ""; }), HasSubstr("name is empty"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.audience = ""; }), HasSubstr("audience is empty"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.roles_claim = ""; }), HasSubstr("roles claim"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.lifetime_max_s = 0; }), HasSubstr("longest life"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.clock_skew_s = -1; }), HasSubstr("skew"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.clock_skew_s = 301; }), HasSubstr("skew"));
  EXPECT_THAT(create_fault([](IssuerConfig& c) { c.token_bytes_max = 0; }), HasSubstr("longest token"));
  EXPECT_EQ(create_fault([](IssuerConfig& c) { c.jwks = "{"; }),
            "issuer \"https://idp.test\": key set: it is not JSON");
}

TEST(BadConfiguration, NeedsIssuersEachOnce) {
  EXPECT_EQ(std::get<std::string>(JwtVerifier::create({})), "no issuer is configured");
  EXPECT_EQ(std::get<std::string>(JwtVerifier::create({config_of({"es"}), config_of({"rs"})})),
            "issuer \"https://idp.test\": is configured twice");
}

}  // namespace
}  // namespace pgward::auth::testing
