#include "auth/jwk_write.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>

#include "auth/base64.h"

namespace pgward::auth {
namespace {

constexpr int kP256Bytes = 32;
constexpr int kRsaBitsMin = 2048;

// The default callback prompts at the terminal; a server or a script would hang there.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

// A number of the key in base64url, as long as `bytes` or as it needs to be (0). Empty: there is none.
std::string number_text(EVP_PKEY& key, const char* name, int bytes) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(&key, name, &raw) != 1) return {};
  const Number number{raw};
  std::string out(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(raw)), '\0');
  if (BN_bn2binpad(raw, bytes_of(out), static_cast<int>(out.size())) < 0) return {};
  return base64url_encode(out);
}

std::string raw_public_text(EVP_PKEY& key) {
  std::array<unsigned char, 32> raw{};
  std::size_t length = raw.size();
  if (EVP_PKEY_get_raw_public_key(&key, raw.data(), &length) != 1) return {};
  return base64url_encode({reinterpret_cast<const char*>(raw.data()), length});
}

bool is_p256(EVP_PKEY& key) {
  std::array<char, 32> group{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(&key, group.data(), group.size(), &length) == 1 &&
         std::string_view{group.data(), length} == "prime256v1";
}

}  // namespace

KeyHandle read_private_key(const Secret& pem) {
  const QuietErrors quiet;
  const std::string_view text = pem.reveal();
  const Bio bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  return KeyHandle{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
}

Secret write_private_key(EVP_PKEY& key) {
  const QuietErrors quiet;
  const Bio bio{BIO_new(BIO_s_secmem())};
  char* text = nullptr;
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  const long length = BIO_get_mem_data(bio.get(), &text);
  return Secret{std::string_view{text, static_cast<std::size_t>(length)}};
}

std::optional<Algorithm> algorithm_of(EVP_PKEY& key) {
  const QuietErrors quiet;
  if (EVP_PKEY_is_a(&key, "EC") == 1 && is_p256(key)) return Algorithm::es256;
  if (EVP_PKEY_is_a(&key, "RSA") == 1 && EVP_PKEY_get_bits(&key) >= kRsaBitsMin) return Algorithm::rs256;
  if (EVP_PKEY_is_a(&key, "ED25519") == 1) return Algorithm::eddsa;
  return std::nullopt;
}

Json public_jwk(EVP_PKEY& key, Algorithm algorithm) {
  const QuietErrors quiet;
  Json jwk;
  switch (algorithm) {
    case Algorithm::es256:
      jwk = {{"kty", "EC"},
             {"crv", "P-256"},
             {"x", number_text(key, OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes)},
             {"y", number_text(key, OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes)}};
      break;
    case Algorithm::rs256:
      jwk = {{"kty", "RSA"},
             {"n", number_text(key, OSSL_PKEY_PARAM_RSA_N, 0)},
             {"e", number_text(key, OSSL_PKEY_PARAM_RSA_E, 0)}};
      break;
    case Algorithm::eddsa:
      jwk = {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", raw_public_text(key)}};
      break;
  }
  for (const Json& value : jwk)
    if (value.get_ref<const std::string&>().empty()) return nullptr;
  return jwk;
}

// The library writes members in the order of their names and no white space, which is what RFC 7638 hashes.
std::string thumbprint(const Json& jwk) {
  const std::string text = jwk.dump();
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes_of(text), text.size(), digest.data());
  return base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace pgward::auth
