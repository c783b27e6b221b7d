#include "auth/verified_tokens.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>
#include <iterator>

namespace pgward::auth {

std::size_t VerifiedTokens::FirstBytes::operator()(const Digest& digest) const {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

void VerifiedTokens::drop(std::list<Entry>::iterator entry) {
  by_digest_.erase(entry->digest);
  OPENSSL_cleanse(entry->digest.data(), entry->digest.size());
  entries_.erase(entry);
}

void VerifiedTokens::forget() {
  while (!entries_.empty()) drop(entries_.begin());
}

std::variant<Identity, JwtError> VerifiedTokens::verify(const std::shared_ptr<const JwtVerifier>& verifier,
                                                        std::string_view token, UnixTime now) {
  if (verifier != verifier_) {
    forget();
    verifier_ = verifier;
  }
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  if (auto known = by_digest_.find(digest); known != by_digest_.end()) {
    const auto entry = known->second;
    if (now >= entry->verified_at && now < entry->identity.expires_at) {
      entries_.splice(entries_.begin(), entries_, entry);
      return entry->identity;
    }
    drop(entry);
  }
  auto verified = verifier->verify(token, now);
  if (const auto* identity = std::get_if<Identity>(&verified)) {
    if (entries_.size() >= entries_max_) drop(std::prev(entries_.end()));
    entries_.push_front({digest, *identity, now});
    by_digest_.emplace(digest, entries_.begin());
  }
  return verified;
}

}  // namespace pgward::auth
