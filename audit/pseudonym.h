// Keys of records and patients as they stand in the trail: pseudonyms under a key of their tenant.
//
//   SubjectKey key("5f0c..", 32 random bytes);     from subject_keys.h, as a rule
//   Pseudonyms subjects = key.subjects();          once for a session or a search
//   Pseudonym p = subjects.of("2:17,");            well under 0.3 us
//
// pseudonym = first 16 bytes of HMAC-SHA-256(K, DOMAIN || 0x00 || KEY). DOMAIN is "subject", or "record:schema.table"; of a value
// that was changed, "value:schema.table.column".
// KEY: a netstring of each column's text form, in the policy's order (append_key_part()). K and the key of seal() are
// derived from the tenant's (HKDF-SHA-256, labels "pgward pseudonym" and "pgward seal"): whoever has neither can
// neither read nor guess, and when the tenant's key is erased nobody can.
//
// Immutable, so thread-safe. Wiped when they go; nothing here prints a key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgward::audit {

using Pseudonym = std::array<unsigned char, 16>;
inline constexpr std::size_t kPseudonymChars = 32;
void append_pseudonym(std::string& out, const Pseudonym& pseudonym);  // lower-case hex

// One column of a key: "17" becomes 2:17,
void append_key_part(std::string& key, std::string_view text_form);

// Of one domain. Holds a state of the hash behind the key and the domain, so that a short key costs two blocks.
class Pseudonyms {
 public:
  Pseudonyms(std::string_view mac_key, std::string_view domain);
  Pseudonyms(const Pseudonyms&) = default;
  Pseudonyms& operator=(const Pseudonyms&) = default;
  ~Pseudonyms();
  Pseudonym of(std::string_view key) const;

 private:
  using State = std::array<std::uint32_t, 8>;
  static constexpr std::size_t kBlock = 64;
  State inner_{}, outer_{};
  std::array<unsigned char, kBlock> tail_{};  // bytes of the domain that fill no block
  std::size_t tail_bytes_ = 0;
  std::uint64_t hashed_bytes_ = 0;            // in whole blocks, before the tail
};

class SubjectKey {
 public:
  static constexpr std::size_t kBytes = 32;
  static constexpr std::size_t kNonceBytes = 12;
  // `key`: kBytes of them, else std::invalid_argument.
  SubjectKey(std::string kid, std::string_view key);
  SubjectKey(const SubjectKey&) = delete;
  SubjectKey& operator=(const SubjectKey&) = delete;
  ~SubjectKey();

  bool operator==(const SubjectKey& other) const;  // in a time that tells nothing of the keys

  const std::string& kid() const { return kid_; }
  Pseudonyms subjects() const { return {pseudonym_key(), "subject"}; }
  Pseudonyms records(std::string_view table) const;  // schema.table
  Pseudonyms values(std::string_view table, std::string_view column) const;
  // AES-256-GCM, base64(nonce || ciphertext || tag). The nonce is never used twice: random, by the caller. `about` is
  // authenticated with it: what is moved to another place cannot be opened there.
  std::string seal(std::string_view clear, std::string_view about, std::string_view nonce) const;
  std::optional<std::string> unseal(std::string_view sealed, std::string_view about) const;

 private:
  std::string_view pseudonym_key() const;
  std::string kid_;
  std::array<unsigned char, kBytes> pseudonym_key_{}, seal_key_{};
};

}  // namespace pgward::audit
