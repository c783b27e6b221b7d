#include "policy/sql/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pgward::policy::sql {
namespace {

bool continues(unsigned char c) { return (c & 0xC0U) == 0x80U; }

// Length of the character at `s`, 0 when it is none.
std::size_t character(const unsigned char* s, std::size_t left) {
  const unsigned char c = s[0];
  if (c < 0x80) return c == 0 ? 0 : 1;
  if (c < 0xC2) return 0;
  if (c < 0xE0) return left >= 2 && continues(s[1]) ? 2 : 0;
  if (left < 3 || !continues(s[1]) || !continues(s[2])) return 0;
  if (c < 0xF0) {
    if ((c == 0xE0 && s[1] < 0xA0) || (c == 0xED && s[1] >= 0xA0)) return 0;
    return 3;
  }
  if (c > 0xF4 || left < 4 || !continues(s[3])) return 0;
  if ((c == 0xF0 && s[1] < 0x90) || (c == 0xF4 && s[1] >= 0x90)) return 0;
  return 4;
}

}  // namespace

bool valid_text(std::string_view text) {
  const auto* s = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size()) {  // eight plain characters at once
      std::uint64_t word = 0;
      std::memcpy(&word, s + i, 8);
      const bool zero = ((word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL) != 0;
      if ((word & 0x8080808080808080ULL) == 0 && !zero) {
        i += 8;
        continue;
      }
    }
    const std::size_t size = character(s + i, text.size() - i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

}  // namespace pgward::policy::sql
