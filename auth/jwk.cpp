#include <openssl/core_names.h>

#include <array>

#include "auth/base64.h"
#include "auth/key_set.h"
#include "auth/text_checks.h"

namespace pgward::auth {
namespace {

using ParsedKey = std::variant<KeyHandle, std::string>;

constexpr std::size_t kKidBytesMax = 256;
constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519Bytes = 32;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;  // a longer one costs milliseconds a log-in
constexpr int kRsaExponentBitsMax = 64;

// Members of private and symmetric keys (RFC 7518, 6.2.2, 6.3.2, 6.4.1). In a document of public keys they
// are a secret that has got out.
constexpr std::array kSecretMembers{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

std::string text_member(const Json& jwk, std::string_view name) {
  const Json* value = member(jwk, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
}

// The bytes of a base64url member; empty when it is absent or wrong.
std::string bytes_member(const Json& jwk, std::string_view name) {
  return base64url_decode(text_member(jwk, name)).value_or(std::string{});
}

KeyHandle key_from(const char* type, OSSL_PARAM* params) {
  const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return nullptr;
  return KeyHandle{key};
}

// Is the point on the curve, is the modulus odd and composite, and so on.
bool well_formed(EVP_PKEY& key) {
  const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr)};
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

ParsedKey p256_key(const Json& jwk) {
  const std::string x = bytes_member(jwk, "x");
  const std::string y = bytes_member(jwk, "y");
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return "x and y must each be 32 bytes in base64url";
  const std::string point = "\x04" + x + y;
  const ParamBuilder builder{OSSL_PARAM_BLD_new()};
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1)
    return "OpenSSL could not take it";
  const Params params{OSSL_PARAM_BLD_to_param(builder.get())};
  KeyHandle key = key_from("EC", params.get());
  if (!key || !well_formed(*key)) return "is not a point of P-256";
  return key;
}

ParsedKey rsa_key(const Json& jwk) {
  const std::string n = bytes_member(jwk, "n");
  const std::string e = bytes_member(jwk, "e");
  if (n.empty() || e.empty()) return "n and e must be base64url";
  if (n.size() > 2 * kRsaBitsMax / 8 || e.size() > n.size()) return "n or e is too long";
  const Number modulus{BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr)};
  const Number exponent{BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr)};
  if (!modulus || BN_num_bits(modulus.get()) < kRsaBitsMin) return "an RSA key must have at least 2048 bits";
  if (BN_num_bits(modulus.get()) > kRsaBitsMax) return "an RSA key may have at most 8192 bits";
  if (!exponent || BN_num_bits(exponent.get()) > kRsaExponentBitsMax) return "e may have at most 64 bits";
  const ParamBuilder builder{OSSL_PARAM_BLD_new()};
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return "OpenSSL could not take it";
  const Params params{OSSL_PARAM_BLD_to_param(builder.get())};
  KeyHandle key = key_from("RSA", params.get());
  if (!key || !well_formed(*key)) return "n and e are not a sound RSA key";
  return key;
}

ParsedKey ed25519_key(const Json& jwk) {
  const std::string x = bytes_member(jwk, "x");
  if (x.size() != kEd25519Bytes) return "x must be 32 bytes in base64url";
  KeyHandle key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size())};
  if (!key) return "is not an Ed25519 key";
  return key;
}

// The algorithm that type and curve stand for here; nothing: not ours.
std::optional<Algorithm> algorithm_of_type(const Json& jwk) {
  const std::string type = text_member(jwk, "kty");
  const std::string curve = text_member(jwk, "crv");
  if (type == "EC" && curve == "P-256") return Algorithm::es256;
  if (type == "RSA") return Algorithm::rs256;
  if (type == "OKP" && curve == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

// use, key_ops and alg each say what a key is for (RFC 7517, 4.2 to 4.4); what is absent does not limit it.
bool meant_for(const Json& jwk, Algorithm algorithm) {
  if (const Json* use = member(jwk, "use"); use != nullptr && *use != "sig") return false;
  if (const Json* alg = member(jwk, "alg"); alg != nullptr)
    if (!alg->is_string() || algorithm_named(alg->get<std::string>()) != algorithm) return false;
  const Json* operations = member(jwk, "key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  for (const Json& operation : *operations)
    if (operation == "verify") return true;
  return false;
}

// What is wrong whatever the key's type is; empty: nothing.
std::string fault_of(const Json& jwk) {
  if (!jwk.is_object()) return "is not an object";
  if (text_member(jwk, "kty").empty()) return "kty must be a string";
  for (const char* name : kSecretMembers)
    if (jwk.contains(name)) return "holds a private or shared key; only public keys belong here";
  if (const Json* kid = member(jwk, "kid"); kid != nullptr) {
    const std::string text = text_member(jwk, "kid");
    if (text.empty() || text.size() > kKidBytesMax || has_control_character(text))
      return "kid must be a string of 1 to 256 bytes without control characters";
  }
  return {};
}

}  // namespace

std::variant<std::optional<VerifyKey>, std::string> parse_jwk(const Json& jwk) {
  const QuietErrors quiet;
  if (std::string fault = fault_of(jwk); !fault.empty()) return fault;
  const std::optional<Algorithm> algorithm = algorithm_of_type(jwk);
  if (!algorithm || !meant_for(jwk, *algorithm)) return std::nullopt;
  ParsedKey parsed = *algorithm == Algorithm::es256   ? p256_key(jwk)
                     : *algorithm == Algorithm::rs256 ? rsa_key(jwk)
                                                      : ed25519_key(jwk);
  if (auto* fault = std::get_if<std::string>(&parsed)) return std::move(*fault);
  return VerifyKey{text_member(jwk, "kid"), *algorithm, std::move(std::get<KeyHandle>(parsed))};
}

}  // namespace pgward::auth
