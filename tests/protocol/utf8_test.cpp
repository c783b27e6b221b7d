#include "protocol/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace pgward::protocol {
namespace {

using namespace std::literals;

// Another way to judge, one code point at a time and by arithmetic.
bool decodes(const std::string& text) {
  constexpr std::uint32_t kLowest[] = {0, 1, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80       ? 1
                               : byte >> 5 == 6  ? 2
                               : byte >> 4 == 14 ? 3
                               : byte >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? byte : byte & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3fu);
    }
    if (point < kLowest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

TEST(Utf8Test, EveryOneTwoAndThreeBytes) {
  for (std::uint32_t word = 0; word < 1u << 24; ++word) {
    const std::string three{static_cast<char>(word >> 16), static_cast<char>(word >> 8),
                            static_cast<char>(word)};
    if (is_valid_utf8(three) != decodes(three)) FAIL() << std::hex << word;
    if (word < 1u << 16 && is_valid_utf8(three.substr(1)) != decodes(three.substr(1)))
      FAIL() << std::hex << word;
    if (word < 1u << 8 && is_valid_utf8(three.substr(2)) != decodes(three.substr(2)))
      FAIL() << std::hex << word;
  }
}

TEST(Utf8Test, FourBytesAtTheirEdges) {
  constexpr unsigned char kTails[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xff};
  for (unsigned first = 0xee; first <= 0xff; ++first) {
    for (unsigned second = 0; second <= 0xff; ++second) {
      for (unsigned char third : kTails) {
        for (unsigned char fourth : kTails) {
          const std::string text{static_cast<char>(first), static_cast<char>(second),
                                 static_cast<char>(third), static_cast<char>(fourth)};
          EXPECT_EQ(is_valid_utf8(text), decodes(text)) << first << ' ' << second;
        }
      }
    }
  }
}

// The fast path reads eight bytes at a time: a bad byte at every place before, in and after them.
TEST(Utf8Test, OneBadByteAnywhere) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(is_valid_utf8(text));
    for (std::size_t at = 0; at < size; ++at) {
      for (char bad : {'\0', '\x80', '\xc3', '\xff'}) {
        text[at] = bad;
        EXPECT_FALSE(is_valid_utf8(text)) << size << ' ' << at;
      }
      text[at] = 'a';
    }
  }
}

TEST(Utf8Test, Texts) {
  EXPECT_TRUE(is_valid_utf8("Jos\u00e9 \u2014 \U0001f642 \u4e2d\u6587, und so weiter"));
  EXPECT_TRUE(is_valid_utf8("\x7f\x01\x7f\x01\x7f\x01\x7f\x01"));
  EXPECT_FALSE(is_valid_utf8("caf\xe9 au lait"));           // Latin-1
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\xbd\xed\xb9\x82"));  // CESU-8
  EXPECT_FALSE(is_valid_utf8("\xc0\x80"));                  // "modified UTF-8" for a zero byte
}

}  // namespace
}  // namespace pgward::protocol
