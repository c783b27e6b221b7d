#include "auth/hmac.h"

#include <openssl/hmac.h>

#include "auth/openssl_handles.h"

namespace pgward::auth {

std::optional<std::string> hmac_sha256(std::string_view key, std::string_view bytes) {
  const QuietErrors quiet;
  std::string out(kSha256Bytes, '\0');
  // A null key means "the key of the last call" to OpenSSL, an empty view may hold one.
  const char* key_bytes = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
           bytes_of(out), nullptr) == nullptr)
    return std::nullopt;
  return out;
}

}  // namespace pgward::auth
