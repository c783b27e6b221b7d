#include "audit/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace pgward::audit {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

[[noreturn]] void unavailable() { throw std::runtime_error("Ed25519 is not available from OpenSSL"); }

const unsigned char* data_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

SigningKey SigningKey::fresh() {
  std::array<unsigned char, kSeedBytes> seed{};
  if (RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) != 1) unavailable();
  auto key = of_seed({reinterpret_cast<const char*>(seed.data()), seed.size()});
  OPENSSL_cleanse(seed.data(), seed.size());
  if (!key) unavailable();
  return std::move(*key);
}

std::optional<SigningKey> SigningKey::of_seed(std::string_view seed) {
  if (seed.size() != kSeedBytes) return std::nullopt;
  SigningKey made;
  made.key_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(seed), seed.size()));
  std::size_t size = made.public_.size();
  if (!made.key_ || EVP_PKEY_get_raw_public_key(made.key_.get(), made.public_.data(), &size) != 1 || size != made.public_.size()) return std::nullopt;
  seed.copy(reinterpret_cast<char*>(made.seed_.data()), kSeedBytes);
  return made;
}

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

SigningKey::SigningKey(SigningKey&& other) noexcept : seed_(other.seed_), key_(std::move(other.key_)), public_(other.public_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  std::swap(seed_, other.seed_);
  std::swap(key_, other.key_);
  std::swap(public_, other.public_);
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
  return *this;
}

SigningKey::~SigningKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Signature SigningKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  Signature signature{};
  std::size_t size = signature.size();
  if (!key_ || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, data_of(text), text.size()) != 1 || size != signature.size())
    unavailable();
  return signature;
}

bool is_signature(const PublicKey& key, std::string_view text, const Signature& signature) {
  const Key public_key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  return public_key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), data_of(text), text.size()) == 1;
}

}  // namespace pgward::audit
