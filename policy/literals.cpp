#include "policy/literals.h"

#include <array>
#include <cstring>

#include "protocol/utf8.h"

namespace pgward::policy {
namespace {

// Longer texts, and texts with more of them, are planned by their exact text alone.
constexpr std::size_t kTextBytesMax = 256u << 10;
constexpr std::size_t kLiteralsMax = 16384;

enum class Byte : std::uint8_t { refused, plain, space, name, digit, quote, double_quote, dollar, dash, slash, dot };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> table{};
  for (const char c : std::string_view(",()[];:~!@#^&|`?+*%<>=")) table[static_cast<unsigned char>(c)] = Byte::plain;
  for (const char c : std::string_view(" \t\n\r\f")) table[static_cast<unsigned char>(c)] = Byte::space;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = Byte::name;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = Byte::digit;
  table['_'] = Byte::name;
  table['\''] = Byte::quote;
  table['"'] = Byte::double_quote;
  table['$'] = Byte::dollar;
  table['-'] = Byte::dash;
  table['/'] = Byte::slash;
  table['.'] = Byte::dot;
  return table;
}();

bool has_bytes_above_127(const char* from, const char* to) {
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  for (; to - from >= 8; from += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, from, 8);
    if ((eight & kHigh) != 0) return true;
  }
  for (; from < to; ++from)
    if (static_cast<unsigned char>(*from) >= 0x80) return true;
  return false;
}

// As the scanner's process_integer_literal: what does not fit is no Integer but a Float, whose type the
// analyzer finds by its value (int8 or numeric).
LiteralKind kind_of_digits(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  constexpr std::string_view kInt4Max = "2147483647";
  constexpr std::string_view kInt8Max = "9223372036854775807";
  const auto fits = [&](std::string_view most) {
    return digits.size() != most.size() ? digits.size() < most.size() : digits <= most;
  };
  if (fits(kInt4Max)) return LiteralKind::int4;
  return fits(kInt8Max) ? LiteralKind::int8 : LiteralKind::numeric;
}

class Finder {
 public:
  Finder(std::string_view sql, std::vector<Literal>& out)
      : begin_(sql.data()), at_(sql.data()), end_(sql.data() + sql.size()), out_(out) {}

  bool run() {
    while (at_ < end_)
      if (!step()) return false;
    return true;
  }

 private:
  // Of the byte `ahead`; past the end it is a space, which ends every token.
  Byte byte(std::ptrdiff_t ahead = 0) const {
    return end_ - at_ > ahead ? kBytes[static_cast<unsigned char>(at_[ahead])] : Byte::space;
  }
  char peek() const { return at_ < end_ ? *at_ : ' '; }

  bool step() {
    switch (byte()) {
      case Byte::space:
        ++at_;
        return true;
      case Byte::plain:
        ++at_;
        return after_string_ = false, true;
      case Byte::name:
        return name();
      case Byte::digit:
        return number();
      case Byte::quote:
        return string();
      case Byte::double_quote:
        return quoted_name();
      case Byte::dollar:
        return parameter();
      case Byte::dash:
        if (end_ - at_ > 1 && at_[1] == '-') return line_comment();
        ++at_;
        return after_string_ = false, true;
      case Byte::slash:
        if (end_ - at_ > 1 && at_[1] == '*') return block_comment();
        ++at_;
        return after_string_ = false, true;
      case Byte::dot:
        ++at_;
        return after_string_ = false, byte() != Byte::digit && byte() != Byte::dot;
      case Byte::refused:
        break;
    }
    return false;
  }

  // A quote right behind a word is E'', B'', X'' or N'', or looks like it; U& may begin U&''.
  bool name() {
    const char* const from = at_;
    do ++at_;
    while (byte() == Byte::name || byte() == Byte::digit || byte() == Byte::dollar);
    after_string_ = false;
    const bool unicode = at_ - from == 1 && (*from | 0x20) == 'u' && peek() == '&';
    return byte() != Byte::quote && !unicode && static_cast<unsigned char>(peek()) < 0x80;
  }

  void digits() {
    while (byte() == Byte::digit) ++at_;
  }

  bool number() {
    const char* const from = at_;
    digits();
    LiteralKind kind = LiteralKind::decimal;
    if (byte() != Byte::dot) {
      kind = kind_of_digits({from, static_cast<std::size_t>(at_ - from)});
    } else {
      ++at_;
      if (byte() != Byte::digit) return false;
      digits();
    }
    after_string_ = false;
    return ends_number() && add(from, kind);
  }

  bool ends_number() const {
    const Byte next = byte();
    return next == Byte::space || next == Byte::plain || next == Byte::dash || next == Byte::slash;
  }

  // 'a' <new line> 'b' is one constant: two in a row are given up, whatever stands between them.
  bool string() {
    if (after_string_) return false;
    const char* const from = at_++;
    for (;;) {
      at_ = static_cast<const char*>(std::memchr(at_, '\'', static_cast<std::size_t>(end_ - at_)));
      if (at_ == nullptr) return at_ = end_, false;
      ++at_;
      if (peek() != '\'') break;
      ++at_;
    }
    after_string_ = true;
    // Everything else of a text of this shape was found in order when it was planned.
    const std::string_view text(from, static_cast<std::size_t>(at_ - from));
    if (has_bytes_above_127(from, at_) && !protocol::is_valid_utf8(text)) return false;
    if (std::memchr(from, '\0', text.size()) != nullptr) return false;
    return byte() != Byte::name && byte() != Byte::digit && byte() != Byte::refused && add(from, LiteralKind::string);
  }

  bool quoted_name() {
    at_ = static_cast<const char*>(std::memchr(at_ + 1, '"', static_cast<std::size_t>(end_ - at_ - 1)));
    if (at_ == nullptr) return at_ = end_, false;
    ++at_;  // a doubled quote goes on as the next quoted name, and ends where that does
    return after_string_ = false, true;
  }

  bool parameter() {
    ++at_;
    if (byte() != Byte::digit) return false;
    digits();
    return after_string_ = false, byte() != Byte::name && byte() != Byte::dollar && byte() != Byte::dot &&
                                      byte() != Byte::quote && byte() != Byte::refused;
  }

  bool line_comment() {
    while (at_ < end_ && *at_ != '\n' && *at_ != '\r') ++at_;
    return true;
  }

  bool block_comment() {
    const std::string_view rest(at_ + 2, static_cast<std::size_t>(end_ - at_ - 2));
    const std::size_t close = rest.find("*/");
    if (close == std::string_view::npos || rest.substr(0, close + 1).find("/*") != std::string_view::npos) return false;
    at_ += 2 + close + 2;
    return true;
  }

  bool add(const char* from, LiteralKind kind) {
    if (out_.size() >= kLiteralsMax) return false;
    out_.push_back({static_cast<std::uint32_t>(from - begin_), static_cast<std::uint32_t>(at_ - from), kind});
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::vector<Literal>& out_;
  bool after_string_ = false;  // nothing but white space and comments since one
};

}  // namespace

bool find_literals(std::string_view sql, std::vector<Literal>& out) {
  out.clear();
  return sql.size() <= kTextBytesMax && Finder(sql, out).run();
}

}  // namespace pgward::policy
