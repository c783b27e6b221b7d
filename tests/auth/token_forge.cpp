#include "token_forge.h"

#include <list>
#include <stdexcept>
#include <utility>

#include "auth/base64.h"
#include "auth/jwk_write.h"
#include "auth/mint.h"

namespace pgward::auth::testing {
namespace {

ForgeKey make_key(std::string kid, std::string_view algorithm) {
  NewKey made = std::get<NewKey>(new_key(algorithm));
  Json jwk = Json::parse(made.jwks)["keys"][0];
  jwk["kid"] = kid;
  KeyHandle key = read_private_key(made.private_key_pem);
  return {std::move(kid), *algorithm_named(algorithm), std::move(made.private_key_pem), std::move(key),
          std::move(jwk)};
}

std::list<ForgeKey> make_keys() {
  std::list<ForgeKey> keys;
  keys.push_back(make_key("es", "ES256"));
  keys.push_back(make_key("es2", "ES256"));
  keys.push_back(make_key("rs", "RS256"));
  keys.push_back(make_key("ed", "EdDSA"));
  keys.push_back(make_key("stranger", "ES256"));
  return keys;
}

}  // namespace

const ForgeKey& forge_key(std::string_view kid) {
  static const std::list<ForgeKey> keys = make_keys();
  for (const ForgeKey& key : keys)
    if (key.kid == kid) return key;
  throw std::logic_error("no such test key");
}

std::string jwks_of(std::initializer_list<std::string_view> kids) {
  Json keys = Json::array();
  for (const std::string_view kid : kids) keys.push_back(forge_key(kid).jwk);
  return Json{{"keys", keys}}.dump();
}

IssuerConfig config_of(std::initializer_list<std::string_view> kids) {
  IssuerConfig config;
  config.issuer = kIssuer;
  config.audience = kAudience;
  config.jwks = jwks_of(kids);
  return config;
}

JwtVerifier verifier_of(IssuerConfig config) {
  std::vector<IssuerConfig> issuers;
  issuers.push_back(std::move(config));
  return std::get<JwtVerifier>(JwtVerifier::create(std::move(issuers)));
}

const JwtVerifier& usual_verifier() {
  static const JwtVerifier verifier = verifier_of(config_of({"es", "rs", "ed"}));
  return verifier;
}

Json good_header() {
  return {{"alg", "ES256"}, {"typ", "JWT"}, {"kid", "es"}};
}

Json good_payload() {
  return {{"iss", kIssuer},    {"aud", kAudience}, {"sub", "user-17"}, {"iat", kNow - 10},
          {"exp", kNow + 600}, {"jti", "t-1"},     {"clinic_id", "7"}, {"roles", {"clinician", "nurse"}}};
}

std::string edited(Json json, std::string_view patch, std::string_view splice) {
  if (!patch.empty()) json.merge_patch(Json::parse(patch));
  std::string text = json.dump();
  if (!splice.empty()) text.insert(text.size() - 1, "," + std::string{splice});
  return text;
}

std::string join(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url_encode(header) + '.' + base64url_encode(payload) + '.' + base64url_encode(signature);
}

std::string signed_token(std::string_view header, std::string_view payload, std::string_view kid) {
  const ForgeKey& key = forge_key(kid);
  const std::string signed_bytes = base64url_encode(header) + '.' + base64url_encode(payload);
  return signed_bytes + '.' + base64url_encode(*sign(*key.key, key.algorithm, signed_bytes));
}

std::string verdict(const JwtVerifier& verifier, std::string_view token, UnixTime now) {
  const auto result = verifier.verify(token, now);
  if (const auto* error = std::get_if<JwtError>(&result)) return std::string{name_of(*error)};
  return "ok";
}

}  // namespace pgward::auth::testing
