// Ed25519 (RFC 8032) by OpenSSL: the signatures of checkpoints.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace pgward::audit {

using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

// A private key. Its memory is wiped when it goes; it is moved, never copied.
class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;

  static SigningKey fresh();
  static std::optional<SigningKey> of_seed(std::string_view seed);  // 32 bytes
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  ~SigningKey();

  Signature sign(std::string_view text) const;
  const PublicKey& public_key() const { return public_; }
  std::string_view seed() const { return {reinterpret_cast<const char*>(seed_.data()), seed_.size()}; }

 private:
  SigningKey() = default;
  struct Free {
    void operator()(evp_pkey_st* key) const;  // wipes it
  };
  std::array<unsigned char, kSeedBytes> seed_{};
  std::unique_ptr<evp_pkey_st, Free> key_;  // made of the seed once: that is half of what a signature costs
  PublicKey public_{};
};

bool is_signature(const PublicKey& key, std::string_view text, const Signature& signature);

}  // namespace pgward::audit
