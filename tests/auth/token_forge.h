// Makes tokens, right and wrong, for the tests of auth/. Keys are made when the program starts and never
// written.
#pragma once

#include <string>
#include <string_view>

#include "auth/jwt.h"
#include "auth/openssl_handles.h"
#include "auth/secret.h"
#include "auth/signature.h"
#include "auth/strict_json.h"

namespace pgward::auth::testing {

inline constexpr UnixTime kNow = 1'750'000'000;
inline constexpr std::string_view kIssuer = "https://idp.test";
inline constexpr std::string_view kAudience = "pgward";

struct ForgeKey {
  std::string kid;
  Algorithm algorithm;
  Secret pem;
  KeyHandle key;
  Json jwk;  // public, with kid, alg and use
};

// One of each algorithm, made once: kid "es", "rs", "ed". Others: "es2" (for ambiguity), "stranger" (in no
// set).
const ForgeKey& forge_key(std::string_view kid);

std::string jwks_of(std::initializer_list<std::string_view> kids);
IssuerConfig config_of(std::initializer_list<std::string_view> kids);
JwtVerifier verifier_of(IssuerConfig config);
// Of one issuer with es, rs and ed.
const JwtVerifier& usual_verifier();

// {"alg":"ES256","typ":"JWT","kid":"es"} and a payload that the usual verifier accepts at kNow.
Json good_header();
Json good_payload();

// `patch` is a JSON merge patch (RFC 7396), in which null takes a member away; `splice` is put as it is
// before the last brace, for what no tree can hold: the same member twice.
std::string edited(Json json, std::string_view patch, std::string_view splice = {});

// base64url(header).base64url(payload).signature
std::string signed_token(std::string_view header, std::string_view payload, std::string_view kid = "es");
std::string join(std::string_view header, std::string_view payload, std::string_view signature);

// "ok" or the name of the error: reads well in a table.
std::string verdict(const JwtVerifier& verifier, std::string_view token, UnixTime now = kNow);

}  // namespace pgward::auth::testing
