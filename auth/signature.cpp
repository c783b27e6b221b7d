#include "auth/signature.h"

#include <array>
#include <utility>

namespace pgward::auth {
namespace {

constexpr std::size_t kP256Bytes = 32;

struct AlgorithmName {
  std::string_view name;
  Algorithm algorithm;
};
// The first name of each is the one we write. RFC 9864 gives EdDSA with Ed25519 a name of its own.
constexpr std::array kNames{
    AlgorithmName{"ES256", Algorithm::es256},
    AlgorithmName{"RS256", Algorithm::rs256},
    AlgorithmName{"EdDSA", Algorithm::eddsa},
    AlgorithmName{"Ed25519", Algorithm::eddsa},
};

// Ed25519 hashes by itself.
const EVP_MD* digest_of(Algorithm algorithm) {
  return algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
}

std::string der_of(const ECDSA_SIG& signature) {
  const int length = i2d_ECDSA_SIG(&signature, nullptr);
  if (length <= 0) return {};
  std::string der(static_cast<std::size_t>(length), '\0');
  unsigned char* out = bytes_of(der);
  i2d_ECDSA_SIG(&signature, &out);
  return der;
}

// JOSE writes r||s, OpenSSL reads DER. Empty when the length is wrong.
std::string der_of_raw(std::string_view raw) {
  if (raw.size() != 2 * kP256Bytes) return {};
  Number r{BN_bin2bn(bytes_of(raw), kP256Bytes, nullptr)};
  Number s{BN_bin2bn(bytes_of(raw.substr(kP256Bytes)), kP256Bytes, nullptr)};
  const EcdsaSignature signature{ECDSA_SIG_new()};
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // owned by the signature now
  static_cast<void>(s.release());
  return der_of(*signature);
}

std::optional<std::string> raw_of_der(std::string_view der) {
  const unsigned char* in = bytes_of(der);
  const EcdsaSignature signature{d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()))};
  if (!signature) return std::nullopt;
  std::string raw(2 * kP256Bytes, '\0');
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(raw), kP256Bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(raw) + kP256Bytes, kP256Bytes) < 0)
    return std::nullopt;
  return raw;
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  for (const AlgorithmName& entry : kNames)
    if (entry.algorithm == algorithm) return entry.name;
  return {};
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (const AlgorithmName& entry : kNames)
    if (entry.name == name) return entry.algorithm;
  return std::nullopt;
}

bool signature_holds(EVP_PKEY& key, Algorithm algorithm, std::string_view signed_bytes,
                     std::string_view signature) {
  const QuietErrors quiet;
  std::string der;
  if (algorithm == Algorithm::es256) {
    der = der_of_raw(signature);
    signature = der;
  }
  if (signature.empty()) return false;
  const DigestContext context{EVP_MD_CTX_new()};
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest_of(algorithm), nullptr, &key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_bytes),
                          signed_bytes.size()) == 1;  // negative is an error, not a yes
}

std::optional<std::string> sign(EVP_PKEY& private_key, Algorithm algorithm, std::string_view bytes) {
  const QuietErrors quiet;
  const DigestContext context{EVP_MD_CTX_new()};
  std::size_t length = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, digest_of(algorithm), nullptr, &private_key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes_of(bytes), bytes.size()) != 1)
    return std::nullopt;
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), bytes_of(signature), &length, bytes_of(bytes), bytes.size()) != 1)
    return std::nullopt;
  signature.resize(length);
  return algorithm == Algorithm::es256 ? raw_of_der(signature) : std::optional{signature};
}

}  // namespace pgward::auth
