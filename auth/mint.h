// Development keys and tokens, for `pgward token`, tests and demonstrations.
//
//   new_key("ES256")            a private key (PEM) and the JWKS document that JwtVerifier reads
//   mint_token(key, request)    a signed token; the algorithm follows from the key
//
// Not an identity provider: whoever holds the private key can be anybody. Production tokens come from
// elsewhere.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/identity.h"
#include "auth/secret.h"

namespace pgward::auth {

struct MintError {
  std::string text;  // for the person at the terminal; holds no key material
};

struct MintRequest {
  std::string issuer;
  std::string audience;
  std::string subject;
  std::vector<std::string> roles;
  // Sent as JSON strings, also where the text is a number: "7" and 7 mean the same tenant to the verifier.
  // A name that the token sets itself (iss, sub, aud, exp, nbf, iat, jti, roles) is refused.
  std::map<std::string, std::string> claims;
  std::int64_t ttl_s = 600;
  std::string kid;   // empty: the RFC 7638 thumbprint of the key, which is also what new_key() writes
  UnixTime now = 0;  // iat; exp is now + ttl_s
};

// A compact JWS. Each token gets a random jti.
std::variant<std::string, MintError> mint_token(const Secret& private_key_pem, const MintRequest& request);

struct NewKey {
  Secret private_key_pem;  // PKCS #8, not encrypted: write it with mode 0600
  std::string jwks;        // one public key, with kid, alg and use
};

// algorithm: ES256, RS256 (2048 bits) or EdDSA (Ed25519), as in RFC 7518 and RFC 8037.
std::variant<NewKey, MintError> new_key(std::string_view algorithm);

}  // namespace pgward::auth
