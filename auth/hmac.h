// HMAC-SHA-256 in one call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgward::auth {

inline constexpr std::size_t kSha256Bytes = 32;

// 32 bytes; nothing only if OpenSSL fails.
std::optional<std::string> hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace pgward::auth
