// Remembers which tokens a verifier has accepted, so that an application that connects again and again with the
// same token pays for its signature once.
//
//   VerifiedTokens known;                       one a thread: there is no lock
//   known.verify(verifier, token, now)          answers as verifier->verify(token, now) would
//
// A token is kept as its SHA-256, never as itself. It is forgotten when it expires, when another verifier is
// used (keys, issuers or their rules were loaded anew), and when newer ones need its place. Refused tokens are
// not kept: nobody can fill the memory without a good one. When the clock was set back, the token is verified
// again, since it may not be valid yet. Lookup takes a time that depends on the hash only, which whoever does
// not hold the token cannot steer.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "auth/jwt.h"

namespace pgward::auth {

class VerifiedTokens {
 public:
  explicit VerifiedTokens(std::size_t entries_max = 1024) : entries_max_(entries_max) {}
  ~VerifiedTokens() { forget(); }
  VerifiedTokens(const VerifiedTokens&) = delete;
  VerifiedTokens& operator=(const VerifiedTokens&) = delete;

  std::variant<Identity, JwtError> verify(const std::shared_ptr<const JwtVerifier>& verifier, std::string_view token,
                                          UnixTime now);
  void forget();
  std::size_t size() const { return entries_.size(); }

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Entry {
    Digest digest{};
    Identity identity;
    UnixTime verified_at = 0;
  };
  struct FirstBytes {  // of a hash: as good as any
    std::size_t operator()(const Digest& digest) const;
  };
  void drop(std::list<Entry>::iterator entry);

  std::size_t entries_max_;
  std::shared_ptr<const JwtVerifier> verifier_;  // held, so that another cannot come to lie at its address
  std::list<Entry> entries_;                     // the newest in front
  std::unordered_map<Digest, std::list<Entry>::iterator, FirstBytes> by_digest_;
};

}  // namespace pgward::auth
