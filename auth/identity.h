// Who a session belongs to, as a verified credential says. Nothing in here was typed by the client.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pgward::auth {

using UnixTime = std::int64_t;  // seconds since 1970-01-01 UTC

// What is kept of a credential for as long as its session lives.
struct Bearer {
  std::string issuer;
  std::string subject;
  std::string credential_type;  // "jwt"
  std::string credential_id;    // jti; empty when there is none
  std::string key_id;           // of the key that vouches for it; empty when it has no name
  UnixTime issued_at = 0;
  UnixTime expires_at = 0;
  bool operator==(const Bearer&) const = default;
};

struct Identity : Bearer {
  std::vector<std::string> roles;  // sorted, each once, none empty
  std::vector<std::string> amr;    // how they showed who they are; empty: it is not said
  // Scalar claims of the credential by name: strings as they are, integers in decimal, booleans true/false.
  // An empty string is left out, as arrays, objects, null and fractions are: no tenant is called "".
  std::map<std::string, std::string, std::less<>> claims;
  bool operator==(const Identity&) const = default;  // and not only as bearers
};

}  // namespace pgward::auth
