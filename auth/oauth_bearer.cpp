#include "auth/oauth_bearer.h"

#include <algorithm>

#include "auth/strict_json.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kMessageBytesMax = 32 * 1024;
constexpr char kSeparator = '\x01';
constexpr std::string_view kScheme = "bearer";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool token_character(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// "Bearer <token>"; the scheme has no case (RFC 7235, section 2.1).
std::optional<OAuthBearer> bearer(std::string_view value) {
  if (value.empty()) return OAuthBearer{};
  if (value.size() < kScheme.size() + 2 || value[kScheme.size()] != ' ') return std::nullopt;
  if (!std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char a, char b) { return a == lower(b); })) return std::nullopt;
  value.remove_prefix(kScheme.size() + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (value.empty() || !std::all_of(value.begin(), value.end(), token_character)) return std::nullopt;
  return OAuthBearer{value};
}

bool key_name(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
}

}  // namespace

std::optional<OAuthBearer> parse_oauth_bearer(std::string_view text) {
  if (text.size() > kMessageBytesMax || (!text.starts_with("n,,") && !text.starts_with("y,,"))) return std::nullopt;
  text.remove_prefix(3);
  if (!text.starts_with(kSeparator)) return std::nullopt;
  text.remove_prefix(1);
  std::optional<OAuthBearer> found;
  while (!text.starts_with(kSeparator)) {
    const auto end = text.find(kSeparator);
    const auto equals = text.find('=');
    if (end == text.npos || equals > end || !key_name(text.substr(0, equals))) return std::nullopt;
    if (text.substr(0, equals) == "auth") {
      if (found) return std::nullopt;
      found = bearer(text.substr(equals + 1, end - equals - 1));
      if (!found) return std::nullopt;
    }
    text.remove_prefix(end + 1);
    if (text.empty()) return std::nullopt;
  }
  if (text.size() != 1) return std::nullopt;
  return found;
}

std::string oauth_failure(std::string_view issuer, std::string_view scope) {
  std::string place(issuer);
  if (place.ends_with('/')) place.pop_back();
  const Json json{{"status", "invalid_token"}, {"openid-configuration", place + "/.well-known/openid-configuration"}, {"scope", scope}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pgward::auth
