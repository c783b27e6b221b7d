#include "protocol/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pgward::protocol {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::uint64_t kOnes = 0x0101010101010101;

// Eight bytes of plain ASCII, none of them zero. Subtracting one borrows a high bit out of a zero byte;
// since no high bit was set before, any that is set after means a zero.
bool is_ascii_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return (word & kHighBits) == 0 && ((word - kOnes) & kHighBits) == 0;
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

// Length of the multi-byte character in front, 0 when it is none. Only the second byte can make a
// character overlong, a surrogate or too big; which range it may have follows from the first.
std::size_t multibyte_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;

  unsigned char lowest = 0x80;
  unsigned char highest = 0xbf;
  if (first == 0xe0) lowest = 0xa0;   // below: overlong
  if (first == 0xed) highest = 0x9f;  // above: surrogates
  if (first == 0xf0) lowest = 0x90;   // below: overlong
  if (first == 0xf4) highest = 0x8f;  // above: beyond U+10FFFF
  if (at(1) < lowest || at(1) > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  return length;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    std::size_t length = 0;
    if (text.size() >= sizeof(std::uint64_t) && is_ascii_word(text.data())) {
      length = sizeof(std::uint64_t);
    } else if (static_cast<unsigned char>(text.front()) < 0x80) {
      length = text.front() == '\0' ? 0 : 1;
    } else {
      length = multibyte_length(text);
    }
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace pgward::protocol
