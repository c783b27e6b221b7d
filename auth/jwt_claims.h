// What a token claims, held against what is asked of it. Call only after the signature has been verified.
#pragma once

#include <variant>

#include "auth/jwt.h"
#include "auth/strict_json.h"

namespace pgward::auth {

// `payload` is an object whose iss is `config.issuer`.
std::variant<Identity, JwtError> check_claims(const Json& payload, const IssuerConfig& config, UnixTime now);

}  // namespace pgward::auth
