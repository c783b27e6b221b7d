#include "audit/index/entry.h"

#include <algorithm>

namespace pgward::audit {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<IndexKey> key_of_hex(std::string_view hex) {
  IndexKey key{};
  if (hex.size() != 2 * key.size()) return std::nullopt;
  int wrong = 0;
  for (std::size_t n = 0; n < key.size(); ++n) {
    const int high = digit(hex[2 * n]), low = digit(hex[2 * n + 1]);
    wrong |= high | low;
    key[n] = static_cast<unsigned char>((high & 15) << 4 | (low & 15));
  }
  return wrong < 0 ? std::nullopt : std::optional(key);
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
