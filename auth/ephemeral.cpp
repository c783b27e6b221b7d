#include "auth/ephemeral.h"

#include <algorithm>
#include <array>

#include <openssl/rand.h>

#include "auth/base64.h"
#include "auth/hmac.h"
#include "auth/strict_json.h"
#include "auth/text_checks.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kUserBytesMax = 4096;
constexpr std::size_t kSaltBytes = 16;
constexpr UnixTime kYear10000 = 253'402'300'800;

constexpr std::array<std::string_view, static_cast<std::size_t>(EphemeralError::count_)> kNames{
    "ephemeral: not one of ours", "ephemeral: unknown key", "ephemeral: malformed", "ephemeral: expired",
    "ephemeral: issued in the future", "ephemeral: lifetime too long"};

// Each use of a key has its own label: nothing made for one is good for the other.
std::optional<std::string> labelled_mac(const Secret& key, std::string_view label, std::string_view bytes) {
  return hmac_sha256(key.reveal(), std::string(label).append(1, '\0').append(bytes));
}

std::optional<Secret> password_of(const Secret& key, std::string_view user) {
  auto mac = labelled_mac(key, "pgward1 password", user);
  if (!mac) return std::nullopt;
  return Secret{base64url_encode(*mac)};
}

struct Parts {
  std::string_view key_id, payload;
};
std::optional<Parts> parts_of(std::string_view user) {
  if (user.size() > kUserBytesMax || !user.starts_with(kEphemeralPrefix)) return std::nullopt;
  user.remove_prefix(kEphemeralPrefix.size());
  const auto dot = user.find('.');
  if (dot == user.npos) return std::nullopt;
  return Parts{user.substr(0, dot), user.substr(dot + 1)};
}

bool take_text(const Json& json, std::string_view name, std::string& into) {
  const Json* value = member(json, name);
  if (!value || !value->is_string()) return false;
  into = value->get<std::string>();
  return !into.empty() && !has_control_character(into);
}

bool take_date(const Json& json, std::string_view name, UnixTime& into) {
  const Json* value = member(json, name);
  if (!value || !value->is_number_unsigned() || value->get<std::uint64_t>() >= static_cast<std::uint64_t>(kYear10000)) return false;
  into = static_cast<UnixTime>(value->get<std::uint64_t>());
  return true;
}

bool take_claims(const Json& json, Identity& identity) {
  const Json* claims = member(json, "claims");
  if (!claims || !claims->is_object()) return false;
  for (const auto& [name, value] : claims->items()) {
    std::string text;
    if (has_control_character(name) || !take_text(*claims, name, text)) return false;
    identity.claims.emplace(name, std::move(text));
  }
  return true;
}

bool take_all(const Json& json, Identity& identity) {
  std::string role;
  if (!json.is_object() || json.size() != 6) return false;
  if (!take_text(json, "sub", identity.subject) || !take_text(json, "role", role)) return false;
  if (!take_text(json, "jti", identity.credential_id) || !take_claims(json, identity)) return false;
  identity.roles = {std::move(role)};
  return take_date(json, "iat", identity.issued_at) && take_date(json, "exp", identity.expires_at);
}

}  // namespace

std::string_view name_of(EphemeralError error) { return kNames.at(static_cast<std::size_t>(error)); }

bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  });
}

std::variant<EphemeralVerifier, std::string> EphemeralVerifier::create(std::vector<EphemeralKey> keys,
                                                                       std::int64_t lifetime_max_s,
                                                                       std::int64_t clock_skew_s) {
  if (keys.empty()) return "no key is configured";
  EphemeralVerifier made;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_key_id(keys[i].id)) return "a key's id must be 1 to 32 letters, digits, _ and -";
    if (keys[i].key.reveal().size() < kEphemeralKeyBytesMin) return "key " + keys[i].id + " must have 32 bytes or more";
    for (std::size_t j = 0; j < i; ++j)
      if (keys[j].id == keys[i].id) return "key " + keys[i].id + " is configured twice";
  }
  // From the first key, so that the salt of a name stays the same with each reload and on each instance: one that
  // changed would tell a name that is known from one that is not.
  auto salt_key = labelled_mac(keys[0].key, "pgward1 salt key", {});
  if (!salt_key) return "OpenSSL fails";
  made.salt_key_ = Secret(*std::move(salt_key));
  made.keys_ = std::move(keys);
  made.lifetime_max_s_ = lifetime_max_s;
  made.clock_skew_s_ = clock_skew_s;
  return made;
}

const EphemeralKey* EphemeralVerifier::key_of(std::string_view user) const {
  const auto parts = parts_of(user);
  if (!parts) return nullptr;
  for (const EphemeralKey& key : keys_)
    if (key.id == parts->key_id) return &key;
  return nullptr;
}

std::optional<EphemeralVerifier::Begin> EphemeralVerifier::begin(std::string_view user) const {
  Begin begin;
  auto salt = labelled_mac(salt_key_, "pgward1 salt", user);
  // For a name that is not ours a password that nobody has: random, so that no file holds it.
  std::string nobody(kSha256Bytes, '\0');
  if (!salt || RAND_bytes(reinterpret_cast<unsigned char*>(nobody.data()), kSha256Bytes) != 1) return std::nullopt;
  const EphemeralKey* key = key_of(user);
  const auto password = password_of(key ? key->key : Secret(std::move(nobody)), user);
  begin.salt = salt->substr(0, kSaltBytes);
  if (!password) return std::nullopt;
  auto keys = derive_scram_keys(*password, begin.salt, begin.iterations);
  if (!keys) return std::nullopt;
  begin.keys = std::move(*keys);
  return begin;
}

std::variant<Identity, EphemeralError> EphemeralVerifier::verify(std::string_view user, UnixTime now) const {
  const auto parts = parts_of(user);
  if (!parts) return EphemeralError::not_ours;
  const EphemeralKey* key = key_of(user);
  if (!key) return EphemeralError::unknown_key;
  const auto text = base64url_decode(parts->payload);
  if (!text) return EphemeralError::malformed;
  const auto parsed = parse_strict_json(*text, 4);
  const Json* json = std::get_if<Json>(&parsed);
  Identity identity;
  if (!json || !take_all(*json, identity)) return EphemeralError::malformed;
  if (now >= identity.expires_at || identity.expires_at <= identity.issued_at) return EphemeralError::expired;
  if (identity.issued_at - clock_skew_s_ > now) return EphemeralError::issued_in_future;
  if (identity.expires_at - identity.issued_at > lifetime_max_s_) return EphemeralError::lifetime_too_long;
  identity.credential_type = "ephemeral";
  identity.issuer = "pgward";
  identity.key_id = key->id;
  return identity;
}

std::variant<EphemeralCredential, MintError> mint_ephemeral(const EphemeralKey& key, const EphemeralRequest& request) {
  if (!is_key_id(key.id)) return MintError{"a key's id is 1 to 32 letters, digits, _ and -"};
  if (key.key.reveal().size() < kEphemeralKeyBytesMin) return MintError{"the key must have 32 bytes or more"};
  if (request.subject.empty() || request.role.empty()) return MintError{"a subject and one role are required"};
  std::string id(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), 16) != 1) return MintError{"no random numbers"};
  Json json{{"sub", request.subject}, {"role", request.role}, {"claims", Json::object()}, {"iat", request.now},
            {"exp", request.now + request.ttl_s}, {"jti", base64url_encode(id)}};
  for (const auto& [name, value] : request.claims) json["claims"][name] = value;
  EphemeralCredential made;
  made.user = std::string(kEphemeralPrefix) + key.id + '.' +
              base64url_encode(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (made.user.size() > kUserBytesMax) return MintError{"the credential is too long: fewer or shorter claims, please"};
  auto password = password_of(key.key, made.user);
  if (!password) return MintError{"OpenSSL fails"};
  made.password = std::move(*password);
  return made;
}

}  // namespace pgward::auth
