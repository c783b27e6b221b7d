#include "auth/jws.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/base64.h"

namespace pgward::auth {
namespace {

// Keys that the token brings along, by value or by address (RFC 7515, 4.1.2 to 4.1.6). A verifier that
// looks at them is told by the attacker which key to use.
constexpr std::array kEmbeddedKeys{"jwk", "jku", "x5u", "x5c"};
// b64 (RFC 7797) changes what is signed; it is only valid together with crit, but let us not depend on that.
constexpr std::array kCritical{"crit", "b64"};
// Explicit typing (RFC 8725, 3.11): a log-out or proof-of-possession token is no ticket, though the same
// issuer signed it. RFC 9068 calls access tokens at+jwt.
constexpr std::array<std::string_view, 4> kTypes{"jwt", "at+jwt", "application/jwt", "application/at+jwt"};

struct Parts {
  std::string_view header, payload, signature, signed_bytes;
};

std::optional<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last) return std::nullopt;  // exactly two dots
  return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(last + 1),
               token.substr(0, last)};
}

JwtError jwt_error_of(JsonError error) {
  switch (error) {
    case JsonError::duplicate_member:
      return JwtError::duplicate_member;
    case JsonError::too_deep:
      return JwtError::too_deep;
    case JsonError::malformed:
      break;
  }
  return JwtError::bad_json;
}

std::variant<Json, JwtError> parse_object(std::string_view bytes) {
  auto parsed = parse_strict_json(bytes);
  if (const auto* error = std::get_if<JsonError>(&parsed)) return jwt_error_of(*error);
  Json& json = std::get<Json>(parsed);
  if (!json.is_object()) return JwtError::bad_json;
  return std::move(json);
}

// Media types are compared without case (RFC 7515, 4.1.9); names outside ASCII are none of ours.
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

// typ may be absent; cty says that there is another token inside, which we do not open.
bool is_typed_as_ours(const Json& header) {
  if (header.contains("cty")) return false;
  const Json* type = member(header, "typ");
  if (type == nullptr) return true;
  return type->is_string() &&
         std::find(kTypes.begin(), kTypes.end(), lower(type->get<std::string>())) != kTypes.end();
}

std::optional<JwtError> refuse_header(const Json& header) {
  for (const char* name : kEmbeddedKeys)
    if (header.contains(name)) return JwtError::embedded_key;
  for (const char* name : kCritical)
    if (header.contains(name)) return JwtError::critical_header;
  if (!is_typed_as_ours(header)) return JwtError::not_a_jwt;
  return std::nullopt;
}

std::variant<Jws, JwtError> read_header(const Json& header) {
  if (const auto error = refuse_header(header)) return *error;
  const Json* name = member(header, "alg");
  if (name == nullptr || !name->is_string()) return JwtError::algorithm_refused;
  const auto algorithm = algorithm_named(name->get_ref<const std::string&>());
  if (!algorithm) return JwtError::algorithm_refused;
  Jws jws;
  jws.algorithm = *algorithm;
  if (const Json* kid = member(header, "kid"); kid != nullptr) {
    if (!kid->is_string()) return JwtError::unknown_key;
    jws.kid = kid->get<std::string>();
  }
  return jws;
}

}  // namespace

std::variant<Jws, JwtError> parse_jws(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return JwtError::not_a_jwt;
  const auto header = base64url_decode(parts->header);
  auto payload = base64url_decode(parts->payload);
  auto signature = base64url_decode(parts->signature);
  if (!header || !payload || !signature) return JwtError::bad_base64;

  auto header_json = parse_object(*header);
  if (const auto* error = std::get_if<JwtError>(&header_json)) return *error;
  auto jws = read_header(std::get<Json>(header_json));
  if (const auto* error = std::get_if<JwtError>(&jws)) return *error;
  auto payload_json = parse_object(*payload);
  if (const auto* error = std::get_if<JwtError>(&payload_json)) return *error;

  auto& result = std::get<Jws>(jws);
  result.payload = std::move(std::get<Json>(payload_json));
  result.signed_bytes = parts->signed_bytes;
  result.signature = *std::move(signature);
  return jws;
}

}  // namespace pgward::auth
