// The public keys of one issuer: a JWKS document (RFC 7517), read once, and the choice among them.
//
// Each key gets its one algorithm here, from kty, crv and alg. A token can only fit that, never change it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/jwt.h"
#include "auth/signature.h"
#include "auth/strict_json.h"

namespace pgward::auth {

struct VerifyKey {
  std::string kid;  // empty: none
  Algorithm algorithm = Algorithm::es256;
  KeyHandle key;
};

// One JWK. Nothing: a well-formed key that is not for us (other type, curve, algorithm or use), which RFC
// 7517 section 5 has us skip. The text: what is wrong with it, without its content.
std::variant<std::optional<VerifyKey>, std::string> parse_jwk(const Json& jwk);

class KeySet {
 public:
  // The error says what is wrong and with which key, counted from 1.
  static std::variant<KeySet, std::string> parse(std::string_view jwks);

  // With a kid: that key, if the algorithm is its own. Without: the only key of that algorithm. The pointer
  // is good as long as the set.
  std::variant<const VerifyKey*, JwtError> select(const std::optional<std::string>& kid,
                                                  Algorithm algorithm) const;

 private:
  const VerifyKey* find(std::string_view kid) const;
  std::vector<VerifyKey> keys_;
};

}  // namespace pgward::auth
