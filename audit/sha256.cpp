#include "audit/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace pgward::audit {
namespace {

struct Free {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching the algorithm costs as much as hashing a record, so it is done once; a context is kept a thread.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, Free> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

Hash hash_of_parts(std::string_view first, std::string_view second) {
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  Hash digest{};
  unsigned size = 0;
  if (!context || EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), first.data(), first.size()) != 1 ||
      (!second.empty() && EVP_DigestUpdate(context.get(), second.data(), second.size()) != 1) ||
      EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1 || size != digest.size())
    throw std::runtime_error("SHA-256 is not available from OpenSSL");  // nothing can be recorded without it
  return digest;
}

constexpr std::string_view kDigits = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> hex_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t n = 0; n < kDigits.size(); ++n) values[static_cast<unsigned char>(kDigits[n])] = static_cast<std::int8_t>(n);
  return values;
}
constexpr auto kValues = hex_values();

}  // namespace

Hash sha256(std::string_view bytes) { return hash_of_parts(bytes, {}); }

std::string sha256_hex(std::string_view bytes) { return hex_of(sha256(bytes)); }

Hash leaf_hash(std::string_view entry) { return hash_of_parts(std::string_view("\0", 1), entry); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * kHashBytes> both;
  both[0] = 1;
  std::copy(left.begin(), left.end(), both.begin() + 1);
  std::copy(right.begin(), right.end(), both.begin() + 1 + kHashBytes);
  return sha256({both.data(), both.size()});
}

void hex_of(const Hash& hash, std::string& hex) {
  hex.resize(kHashChars);
  char* out = hex.data();
  for (const unsigned char byte : hash) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

std::string hex_of(const Hash& hash) {
  std::string hex;
  hex_of(hash, hex);
  return hex;
}

void append_hex(std::string& out, const Hash& hash) { out += hex_of(hash); }

std::optional<Hash> hash_of(std::string_view hex) {
  if (hex.size() != kHashChars) return std::nullopt;
  Hash hash;
  int wrong = 0;
  for (std::size_t n = 0; n < kHashBytes; ++n) {
    const int high = kValues[static_cast<unsigned char>(hex[2 * n])], low = kValues[static_cast<unsigned char>(hex[2 * n + 1])];
    wrong |= high | low;
    hash[n] = static_cast<unsigned char>((high & 15) << 4 | (low & 15));
  }
  if (wrong < 0) return std::nullopt;
  return hash;
}

bool is_hash(std::string_view text) { return hash_of(text).has_value(); }

}  // namespace pgward::audit
