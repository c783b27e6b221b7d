// The three signature algorithms we know, over bytes. Whose key it is and whether it may be used is decided
// elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/openssl_handles.h"

namespace pgward::auth {

enum class Algorithm { es256, rs256, eddsa };

std::string_view name_of(Algorithm algorithm);
// Nothing for every other name: `none`, HMAC, RSA-PSS, other curves and hashes. Case matters (RFC
// 7515, 4.1.1).
std::optional<Algorithm> algorithm_named(std::string_view name);

// ES256: the signature is r||s, 64 bytes (RFC 7518, 3.4). RS256: PKCS #1 v1.5 with SHA-256. EdDSA: Ed25519.
// Thread-safe: the key is only read.
bool signature_holds(EVP_PKEY& key, Algorithm algorithm, std::string_view signed_bytes,
                     std::string_view signature);

std::optional<std::string> sign(EVP_PKEY& private_key, Algorithm algorithm, std::string_view bytes);

}  // namespace pgward::auth
