#include "audit/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
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

}  // namespace

void sha256_hex(std::string_view bytes, std::string& hex) {
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::array<unsigned char, kHashChars / 2> digest{};
  unsigned size = 0;
  if (!context || EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1 || size != digest.size())
    throw std::runtime_error("SHA-256 is not available from OpenSSL");  // nothing can be recorded without it

  static constexpr std::string_view kDigits = "0123456789abcdef";
  hex.resize(kHashChars);
  char* out = hex.data();
  for (const unsigned char byte : digest) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

std::string sha256_hex(std::string_view bytes) {
  std::string hex;
  sha256_hex(bytes, hex);
  return hex;
}

bool is_hash(std::string_view text) {
  return text.size() == kHashChars && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace pgward::audit
