// Verifies a JSON Web Token (RFC 7519, RFC 7515, RFC 8725) that came in as a password.
//
//   JwtVerifier::create(config)   once, at start-up or reload; reads the JWKS text (RFC 7517)
//   verify(token, now)            per log-in; the clock is an argument
//
// The algorithm is bound to the key (kty, crv, alg of the JWK) and never taken from the token: a token
// whose header names another one is refused. `none`, HMAC, embedded keys and critical headers are refused.
// The signature comes first, then audience, times, subject, roles, other claims: one token, one answer.
// The clock skew forgives nbf and iat, never exp: a session ends with its credential.
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/identity.h"

namespace pgward::auth {

// One code for each way in which a token can be wrong. Goes into the audit trail and our own log, never
// to the client: it gets the same answer whatever failed.
enum class JwtError {
  too_large, not_a_jwt, bad_base64, bad_json, duplicate_member, too_deep,
  algorithm_refused, critical_header, embedded_key, unknown_key, algorithm_mismatch, bad_signature,
  missing_claim, bad_claim_type, wrong_issuer, wrong_audience, expired, not_yet_valid, issued_in_future,
  lifetime_too_long, empty_subject, no_role,
  count_
};
std::string_view name_of(JwtError error);

struct IssuerConfig {
  std::string issuer;
  std::string audience;
  std::string jwks;                   // text of the JWKS document
  std::string roles_claim = "roles";  // array of strings, or one string
  std::int64_t lifetime_max_s = 900;  // exp - iat
  std::int64_t clock_skew_s = 30;
  std::size_t token_bytes_max = std::size_t{16} * 1024;
};

class JwtVerifier {
 public:
  // The error says what is wrong with the configuration or the key set (no key material in it).
  static std::variant<JwtVerifier, std::string> create(std::vector<IssuerConfig> issuers);
  std::variant<Identity, JwtError> verify(std::string_view token, UnixTime now) const;

  JwtVerifier(JwtVerifier&&) noexcept;
  JwtVerifier& operator=(JwtVerifier&&) noexcept;
  ~JwtVerifier();

 private:
  struct Keys;
  explicit JwtVerifier(std::shared_ptr<const Keys> keys);
  std::shared_ptr<const Keys> keys_;
};

}  // namespace pgward::auth
