// Base64 (RFC 4648), strict: one text for one value.
//
// Padding is required (section 4) or forbidden (section 5, "url"); white space, characters of the other
// alphabet and unused bits that are not zero are refused. Two texts for the same signature would be two
// tokens for one, which is how caches and revocation lists are walked around.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgward::auth {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace pgward::auth
