#include "auth/mint.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "auth/base64.h"
#include "auth/jwk_write.h"

namespace pgward::auth {
namespace {

constexpr std::array<std::string_view, 8> kOwnClaims{"iss", "sub", "aud", "exp",
                                                     "nbf", "iat", "jti", "roles"};
constexpr std::int64_t kTtlMax = std::int64_t{366} * 24 * 3600;
constexpr int kRsaBits = 2048;

std::string fault_of(const MintRequest& request) {
  if (request.issuer.empty()) return "an issuer is needed";
  if (request.audience.empty()) return "an audience is needed";
  if (request.subject.empty()) return "a subject is needed";
  if (request.ttl_s < 1 || request.ttl_s > kTtlMax) return "the life must be between one second and 366 days";
  for (const auto& [name, value] : request.claims)
    if (std::find(kOwnClaims.begin(), kOwnClaims.end(), name) != kOwnClaims.end())
      return "the claim \"" + name + "\" is set by the token itself";
  return {};
}

std::optional<std::string> random_id() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return std::nullopt;
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Json payload_of(const MintRequest& request, std::string id) {
  Json payload(request.claims);
  payload["iss"] = request.issuer;
  payload["aud"] = request.audience;
  payload["sub"] = request.subject;
  payload["roles"] = request.roles;
  payload["iat"] = request.now;
  payload["exp"] = request.now + request.ttl_s;
  payload["jti"] = std::move(id);
  return payload;
}

// Nothing: a text in it is not UTF-8.
std::optional<std::string> encode(const Json& json) {
  try {
    return base64url_encode(json.dump());
  } catch (const Json::type_error&) {
    return std::nullopt;
  }
}

KeyHandle generate(std::string_view algorithm) {
  const QuietErrors quiet;
  if (algorithm == "ES256") return KeyHandle{EVP_EC_gen("P-256")};
  if (algorithm == "RS256") return KeyHandle{EVP_RSA_gen(kRsaBits)};
  return KeyHandle{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

}  // namespace

std::variant<std::string, MintError> mint_token(const Secret& private_key_pem, const MintRequest& request) {
  if (std::string fault = fault_of(request); !fault.empty()) return MintError{std::move(fault)};
  const KeyHandle key = read_private_key(private_key_pem);
  if (!key) return MintError{"the key is not an unencrypted private key in PEM"};
  const auto algorithm = algorithm_of(*key);
  if (!algorithm) return MintError{"the key must be P-256, RSA of at least 2048 bits, or Ed25519"};
  const std::string kid = request.kid.empty() ? thumbprint(public_jwk(*key, *algorithm)) : request.kid;
  auto id = random_id();
  if (!id) return MintError{"the system has no random numbers"};

  const auto header = encode({{"alg", name_of(*algorithm)}, {"typ", "JWT"}, {"kid", kid}});
  const auto payload = encode(payload_of(request, *std::move(id)));
  if (!header || !payload) return MintError{"every text must be valid UTF-8"};
  const std::string signed_bytes = *header + '.' + *payload;
  const auto signature = sign(*key, *algorithm, signed_bytes);
  if (!signature) return MintError{"the key cannot sign"};
  return signed_bytes + '.' + base64url_encode(*signature);
}

std::variant<NewKey, MintError> new_key(std::string_view algorithm) {
  if (algorithm != "ES256" && algorithm != "RS256" && algorithm != "EdDSA")
    return MintError{"the algorithm must be ES256, RS256 or EdDSA"};
  const KeyHandle key = generate(algorithm);
  if (!key) return MintError{"OpenSSL could not make a key"};
  Json jwk = public_jwk(*key, *algorithm_named(algorithm));
  Secret pem = write_private_key(*key);
  if (jwk.is_null() || pem.empty()) return MintError{"OpenSSL could not write the key"};
  jwk["kid"] = thumbprint(jwk);
  jwk["alg"] = algorithm;
  jwk["use"] = "sig";
  return NewKey{std::move(pem), Json{{"keys", Json::array({jwk})}}.dump(2) + '\n'};
}

}  // namespace pgward::auth
