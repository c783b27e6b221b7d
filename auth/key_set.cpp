#include "auth/key_set.h"

#include <utility>

namespace pgward::auth {
namespace {

constexpr std::size_t kJwksBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kKeysMax = 256;

std::string fault_of_document(const std::variant<Json, JsonError>& document) {
  const auto* json = std::get_if<Json>(&document);
  if (json == nullptr) {
    switch (std::get<JsonError>(document)) {
      case JsonError::duplicate_member:
        return "a member stands in it twice";
      case JsonError::too_deep:
        return "it is nested too deeply";
      case JsonError::malformed:
        break;
    }
    return "it is not JSON";
  }
  const Json* keys = member(*json, "keys");
  if (keys == nullptr || !keys->is_array()) return "it has no array \"keys\"";
  if (keys->size() > kKeysMax) return "it has more than 256 keys";
  return {};
}

}  // namespace

std::variant<KeySet, std::string> KeySet::parse(std::string_view jwks) {
  if (jwks.size() > kJwksBytesMax) return "key set: it is longer than 1 MiB";
  const std::variant<Json, JsonError> document = parse_strict_json(jwks);
  if (std::string fault = fault_of_document(document); !fault.empty()) return "key set: " + fault;

  KeySet set;
  std::size_t number = 0;
  for (const Json& jwk : *member(std::get<Json>(document), "keys")) {
    const std::string place = "key " + std::to_string(++number) + ": ";
    auto parsed = parse_jwk(jwk);
    if (const auto* fault = std::get_if<std::string>(&parsed)) return place + *fault;
    auto& key = std::get<std::optional<VerifyKey>>(parsed);
    if (!key) continue;
    if (!key->kid.empty() && set.find(key->kid) != nullptr) return place + "has the kid of an earlier key";
    set.keys_.push_back(*std::move(key));
  }
  if (set.keys_.empty()) return "key set: it has no key for verifying ES256, RS256 or EdDSA";
  return set;
}

const VerifyKey* KeySet::find(std::string_view kid) const {
  for (const VerifyKey& key : keys_)
    if (key.kid == kid) return &key;
  return nullptr;
}

std::variant<const VerifyKey*, JwtError> KeySet::select(const std::optional<std::string>& kid,
                                                        Algorithm algorithm) const {
  if (kid) {
    const VerifyKey* key = kid->empty() ? nullptr : find(*kid);
    if (key == nullptr) return JwtError::unknown_key;
    if (key->algorithm != algorithm) return JwtError::algorithm_mismatch;
    return key;
  }
  // Never "the first that fits": which key counts must not hang on the order of a document.
  const VerifyKey* only = nullptr;
  for (const VerifyKey& key : keys_) {
    if (key.algorithm != algorithm) continue;
    if (only != nullptr) return JwtError::unknown_key;
    only = &key;
  }
  if (only == nullptr) return JwtError::unknown_key;
  return only;
}

}  // namespace pgward::auth
