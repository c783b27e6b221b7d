// What SCRAM-SHA-256 makes of a password (RFC 5802, section 3), and what it says with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.h"

namespace pgward::auth {

// As good as the password for this salt and number of rounds.
struct ScramKeys {
  Secret client_key;
  Secret server_key;
};

// PBKDF2, 1.6 ms of processor time at 4096 rounds.
std::optional<ScramKeys> derive_scram_keys(const Secret& password, std::string_view salt,
                                           std::uint32_t iterations);

// The same, out of a small cache of the calling thread: a proxy logs in with the same few passwords over
// and over. Found by a MAC over all three, under a key of this process that never leaves it.
std::optional<ScramKeys> cached_scram_keys(const Secret& password, std::string_view salt,
                                           std::uint32_t iterations);

// The two signatures, as bytes; nothing if OpenSSL fails.
std::optional<std::string> client_proof(const ScramKeys& keys, std::string_view auth_message);
std::optional<std::string> server_signature(const ScramKeys& keys, std::string_view auth_message);

}  // namespace pgward::auth
