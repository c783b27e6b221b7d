#include "rules/log/json_escape.h"

#include <charconv>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

// The four digits of \uXXXX at `at`; -1 when they are none.
int hex4(std::string_view text, std::size_t at) {
  int value = 0;
  if (at + 4 > text.size()) return -1;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return error == std::errc{} && end == text.data() + at + 4 ? value : -1;
}

void append_utf8(unsigned point, std::string& out) {
  const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 63));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 63));
    byte(0x80 | (point & 63));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 63));
    byte(0x80 | (point >> 6 & 63));
    byte(0x80 | (point & 63));
  }
}

// Writes the character of \uXXXX at `at` (the backslash); how many bytes it was, 0 when it is none.
std::size_t unicode(std::string_view raw, std::size_t at, std::string& out) {
  const int high = hex4(raw, at + 2);
  if (high < 0) return 0;
  if (high >= 0xD800 && high < 0xDC00 && raw.substr(at + 6, 2) == "\\u") {
    const int low = hex4(raw, at + 8);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(
          0x10000U + ((static_cast<unsigned>(high) - 0xD800U) << 10) + (static_cast<unsigned>(low) - 0xDC00U),
          out);
      return 12;
    }
  }
  append_utf8(static_cast<unsigned>(high), out);
  return 6;
}

}  // namespace

void json_unescape(std::string_view raw, std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out += raw[at++];
      continue;
    }
    const auto letter = kLetters.find(raw[at + 1]);
    const auto taken = letter == kLetters.npos && raw[at + 1] == 'u' ? unicode(raw, at, out) : 0;
    if (letter != kLetters.npos) {
      out += kMeant[letter];
      at += 2;
    } else if (taken > 0) {
      at += taken;
    } else {
      out += raw[at++];
    }
  }
}

void json_escape(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
}

}  // namespace pgward::rules
