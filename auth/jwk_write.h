// Keys of our own in the forms that others read: PEM in, JWK out. For development tokens and tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/openssl_handles.h"
#include "auth/secret.h"
#include "auth/signature.h"
#include "auth/strict_json.h"

namespace pgward::auth {

// Null: no private key, encrypted, or not PEM. Never asks at the terminal.
KeyHandle read_private_key(const Secret& pem);
// Empty: OpenSSL could not.
Secret write_private_key(EVP_PKEY& key);

// The one algorithm for a key: P-256, RSA of at least 2048 bits, Ed25519; nothing for others.
std::optional<Algorithm> algorithm_of(EVP_PKEY& key);

// Only the required members (RFC 7638, 3.2), public ones; null: OpenSSL could not.
Json public_jwk(EVP_PKEY& key, Algorithm algorithm);

// RFC 7638 with SHA-256, base64url; `jwk` as public_jwk() makes it.
std::string thumbprint(const Json& jwk);

}  // namespace pgward::auth
