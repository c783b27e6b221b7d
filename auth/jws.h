// A token taken apart: the compact serialization of RFC 7515, its header judged, nothing in it trusted yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auth/jwt.h"
#include "auth/signature.h"
#include "auth/strict_json.h"

namespace pgward::auth {

struct Jws {
  Algorithm algorithm = Algorithm::es256;
  std::optional<std::string> kid;
  Json payload;                   // an object
  std::string_view signed_bytes;  // a view into the token
  std::string signature;
};

// The caller has capped the length.
std::variant<Jws, JwtError> parse_jws(std::string_view token);

}  // namespace pgward::auth
