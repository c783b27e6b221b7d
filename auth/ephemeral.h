// Credentials for an hour at most, for drivers that know a user name and a password and nothing else. The user name says
// who somebody is and until when; the password is a MAC over it, under a key that pgward shares with whoever mints:
//
//   user      pgward1.<key id>.<base64url of {"sub":..,"role":..,"claims":{..},"iat":..,"exp":..,"jti":..}>
//   password  base64url(HMAC-SHA-256(key, "pgward1 password" 0x00 user))
//
// Nothing is stored: the server makes the password anew from the name and proves by SCRAM that both sides have it. It
// has 256 bits, so nobody guesses it from a recorded exchange, and it never crosses the wire.
//
//   EphemeralVerifier::create(keys, ..)   once, at start-up or reload
//   begin(user)                           what a SCRAM exchange for that name begins with; for every name
//   verify(user, now)                     only after the exchange has shown that the client has the password
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/identity.h"
#include "auth/mint.h"
#include "auth/scram_keys.h"
#include "auth/secret.h"

namespace pgward::auth {

inline constexpr std::string_view kEphemeralPrefix = "pgward1.";
inline constexpr std::size_t kEphemeralKeyBytesMin = 32;

enum class EphemeralError { not_ours, unknown_key, malformed, expired, issued_in_future, lifetime_too_long, count_ };
std::string_view name_of(EphemeralError error);

struct EphemeralKey {
  std::string id;  // 1 to 32 of A-Z a-z 0-9 _ -
  Secret key;
};

class EphemeralVerifier {
 public:
  static std::variant<EphemeralVerifier, std::string> create(std::vector<EphemeralKey> keys, std::int64_t lifetime_max_s,
                                                             std::int64_t clock_skew_s);
  struct Begin {
    ScramKeys keys;
    std::string salt;
    std::uint32_t iterations = 4096;  // the least that drivers accept; the password needs none
  };
  // Takes as long and looks the same for a name that is none of ours: its keys are those of no password. Nothing only
  // if OpenSSL fails.
  std::optional<Begin> begin(std::string_view user) const;
  std::variant<Identity, EphemeralError> verify(std::string_view user, UnixTime now) const;

 private:
  const EphemeralKey* key_of(std::string_view user) const;
  std::vector<EphemeralKey> keys_;
  Secret salt_key_;
  std::int64_t lifetime_max_s_ = 900, clock_skew_s_ = 30;
};

struct EphemeralRequest {
  std::string subject, role;
  std::map<std::string, std::string> claims;
  std::int64_t ttl_s = 600;
  UnixTime now = 0;
};
struct EphemeralCredential {
  std::string user;
  Secret password;
};
std::variant<EphemeralCredential, MintError> mint_ephemeral(const EphemeralKey& key, const EphemeralRequest& request);
bool is_key_id(std::string_view text);

}  // namespace pgward::auth
