#include <openssl/rand.h>

#include <array>

#include "auth/hmac.h"
#include "auth/scram_keys.h"

namespace pgward::auth {
namespace {

// One per thread: no lock, nothing shared between reactors. Wiped with the thread.
class ScramKeyCache {
 public:
  ScramKeyCache() {
    std::string key(kSha256Bytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kSha256Bytes) == 1)
      key_ = Secret{std::move(key)};
  }

  // Nothing without random numbers: then there is no cache.
  std::optional<std::string> tag(const Secret& password, std::string_view salt,
                                 std::uint32_t iterations) const {
    if (key_.empty()) return std::nullopt;
    // Lengths in front, so that no byte can move from the salt into the password.
    std::string prefix = std::to_string(iterations) + ',' + std::to_string(salt.size()) + ',';
    const Secret bytes{prefix.append(salt).append(password.reveal())};
    OPENSSL_cleanse(prefix.data(), prefix.size());
    return hmac_sha256(key_.reveal(), bytes.reveal());
  }

  const ScramKeys* find(std::string_view tag) const {
    for (const Entry& entry : entries_)
      if (entry.tag == tag) return &entry.keys;
    return nullptr;
  }

  void keep(std::string tag, const ScramKeys& keys) {
    entries_[next_] = {std::move(tag), keys};
    next_ = (next_ + 1) % entries_.size();
  }

 private:
  struct Entry {
    std::string tag;
    ScramKeys keys;
  };
  Secret key_;
  std::array<Entry, 16> entries_;  // upstream users of one proxy are few
  std::size_t next_ = 0;
};

}  // namespace

std::optional<ScramKeys> cached_scram_keys(const Secret& password, std::string_view salt,
                                           std::uint32_t iterations) {
  thread_local ScramKeyCache cache;
  auto tag = cache.tag(password, salt, iterations);
  if (!tag) return derive_scram_keys(password, salt, iterations);
  if (const ScramKeys* known = cache.find(*tag)) return *known;
  auto keys = derive_scram_keys(password, salt, iterations);
  if (keys) cache.keep(*std::move(tag), *keys);
  return keys;
}

}  // namespace pgward::auth
