// OAUTHBEARER (RFC 7628), as PostgreSQL 18 speaks it: a token by SASL instead of as a password.
//
//   parse_oauth_bearer(text)     the client's first message; the token it holds, or the wish to know where to get one
//   oauth_failure(..)            what such a client is told before its log-in fails: it then gets a token and comes again
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgward::auth {

inline constexpr std::string_view kOAuthBearer = "OAUTHBEARER";

struct OAuthBearer {
  std::string_view token;  // looks into the message; empty: the client asks where tokens come from (discovery)
};

// Nothing for what is no such message: another binding, an authorization identity, a key twice, a token with characters
// that RFC 6750, section 2.1, does not know.
std::optional<OAuthBearer> parse_oauth_bearer(std::string_view text);

// {"status":"invalid_token","openid-configuration":..,"scope":..}
std::string oauth_failure(std::string_view issuer, std::string_view scope);

}  // namespace pgward::auth
