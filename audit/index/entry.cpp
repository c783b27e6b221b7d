#include "audit/index/entry.h"

#include <algorithm>

namespace pgward::audit {
namespace {

// 0x10: no digit of ours.
constexpr std::array<unsigned char, 256> digits() {
  std::array<unsigned char, 256> values{};
  for (auto& value : values) value = 0x10;
  for (unsigned char n = 0; n < 10; ++n) values[static_cast<std::size_t>('0' + n)] = n;
  for (unsigned char n = 0; n < 6; ++n) values[static_cast<std::size_t>('a' + n)] = static_cast<unsigned char>(10 + n);
  return values;
}
constexpr auto kDigits = digits();

}  // namespace

std::optional<IndexKey> key_of_hex(std::string_view hex) {
  IndexKey key{};
  if (hex.size() != 2 * key.size()) return std::nullopt;
  unsigned wrong = 0;
  for (std::size_t n = 0; n < key.size(); ++n) {
    const unsigned high = kDigits[static_cast<unsigned char>(hex[2 * n])], low = kDigits[static_cast<unsigned char>(hex[2 * n + 1])];
    wrong |= high | low;
    key[n] = static_cast<unsigned char>((high & 15) << 4 | (low & 15));
  }
  return (wrong & 0x10) != 0 ? std::nullopt : std::optional(key);
}

IndexKey key_of_text(std::string_view what, std::string_view text) {
  std::string whole(what);
  whole += '\0';
  whole += text;
  const Hash hash = sha256(whole);
  IndexKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

IndexKey key_of_user(std::string_view subject) { return key_of_text("user", subject); }
IndexKey key_of_credential(std::string_view id) { return key_of_text("credential", id); }
IndexKey key_of_session(std::string_view id) {
  const auto key = key_of_hex(id);
  return key ? *key : key_of_text("session", id);
}
IndexKey key_of_table(std::string_view table) { return key_of_text("table", table); }
IndexKey key_of_type(std::string_view type) { return key_of_text("type", type); }

}  // namespace pgward::audit
