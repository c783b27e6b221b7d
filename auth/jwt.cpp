#include "auth/jwt.h"

#include <algorithm>
#include <utility>

#include "auth/jws.h"
#include "auth/jwt_claims.h"
#include "auth/key_set.h"

namespace pgward::auth {
namespace {

constexpr std::int64_t kClockSkewMax = 300;  // more is not skew, it is a longer life
constexpr std::int64_t kLifetimeMax = std::int64_t{366} * 24 * 3600;
constexpr std::size_t kTokenBytesMax = std::size_t{1024} * 1024;

std::string fault_of(const IssuerConfig& config) {
  if (config.issuer.empty()) return "the issuer's name is empty";
  if (config.audience.empty()) return "the audience is empty";
  if (config.roles_claim.empty()) return "the name of the roles claim is empty";
  if (config.lifetime_max_s < 1 || config.lifetime_max_s > kLifetimeMax)
    return "the longest life of a token must be between one second and 366 days";
  if (config.clock_skew_s < 0 || config.clock_skew_s > kClockSkewMax)
    return "the clock skew must be between 0 and 300 seconds";
  if (config.token_bytes_max < 1 || config.token_bytes_max > kTokenBytesMax)
    return "the longest token must be between one byte and 1 MiB";
  return {};
}

}  // namespace

struct JwtVerifier::Keys {
  struct Issuer {
    IssuerConfig config;
    KeySet keys;
  };
  std::vector<Issuer> issuers;
  std::size_t token_bytes_max = 0;  // the largest of all: which issuer it is, only the token's inside tells

  const Issuer* find(std::string_view name) const {
    for (const Issuer& issuer : issuers)
      if (issuer.config.issuer == name) return &issuer;
    return nullptr;
  }

  std::variant<const Issuer*, JwtError> issuer_of(const Json& payload) const {
    const Json* name = member(payload, "iss");
    if (name == nullptr) return JwtError::missing_claim;
    if (!name->is_string()) return JwtError::bad_claim_type;
    const Issuer* issuer = find(name->get_ref<const std::string&>());
    if (issuer == nullptr) return JwtError::wrong_issuer;
    return issuer;
  }
};

std::variant<JwtVerifier, std::string> JwtVerifier::create(std::vector<IssuerConfig> issuers) {
  if (issuers.empty()) return "no issuer is configured";
  auto keys = std::make_shared<Keys>();
  for (IssuerConfig& config : issuers) {
    const std::string place = "issuer \"" + config.issuer + "\": ";
    if (std::string fault = fault_of(config); !fault.empty()) return place + fault;
    if (keys->find(config.issuer) != nullptr) return place + "is configured twice";
    auto set = KeySet::parse(config.jwks);
    if (const auto* fault = std::get_if<std::string>(&set)) return place + *fault;
    config.jwks.clear();
    keys->token_bytes_max = std::max(keys->token_bytes_max, config.token_bytes_max);
    keys->issuers.push_back({std::move(config), std::move(std::get<KeySet>(set))});
  }
  return JwtVerifier{std::move(keys)};
}

std::variant<Identity, JwtError> JwtVerifier::verify(std::string_view token, UnixTime now) const {
  if (token.size() > keys_->token_bytes_max) return JwtError::too_large;
  const auto parsed = parse_jws(token);
  if (const auto* error = std::get_if<JwtError>(&parsed)) return *error;
  const Jws& jws = std::get<Jws>(parsed);

  // The one claim that is read before the signature is verified: it says whose keys to try, and it is
  // worth nothing unless one of them signed it.
  const auto issuer_found = keys_->issuer_of(jws.payload);
  if (const auto* error = std::get_if<JwtError>(&issuer_found)) return *error;
  const Keys::Issuer& issuer = *std::get<const Keys::Issuer*>(issuer_found);
  if (token.size() > issuer.config.token_bytes_max) return JwtError::too_large;

  const auto key_found = issuer.keys.select(jws.kid, jws.algorithm);
  if (const auto* error = std::get_if<JwtError>(&key_found)) return *error;
  const VerifyKey& key = *std::get<const VerifyKey*>(key_found);
  if (!signature_holds(*key.key, key.algorithm, jws.signed_bytes, jws.signature))
    return JwtError::bad_signature;
  auto checked = check_claims(jws.payload, issuer.config, now);
  if (auto* identity = std::get_if<Identity>(&checked)) identity->key_id = key.kid;
  return checked;
}

JwtVerifier::JwtVerifier(std::shared_ptr<const Keys> keys) : keys_(std::move(keys)) {}
JwtVerifier::JwtVerifier(JwtVerifier&&) noexcept = default;
JwtVerifier& JwtVerifier::operator=(JwtVerifier&&) noexcept = default;
JwtVerifier::~JwtVerifier() = default;

}  // namespace pgward::auth
