#include "audit/json_check.h"

#include <array>
#include <string>

#include "audit/utf8.h"

namespace pgward::audit {
namespace {

enum class Kind : unsigned char { plain, end, escape, control, high };

constexpr std::array<Kind, 256> kinds() {
  std::array<Kind, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = c < 0x20 ? Kind::control : c >= 0x80 ? Kind::high : Kind::plain;
  table['"'] = Kind::end;
  table['\\'] = Kind::escape;
  return table;
}
constexpr auto kKinds = kinds();

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool run() {
    open_.clear();
    for (;;) {
      space();
      if (!value()) return false;
      if (fresh_) continue;  // an object or array was begun: its first value is due
      // Behind a value: close what ends here, until another value is due.
      for (;;) {
        space();
        if (open_.empty()) return at_ == text_.size();
        const char inside = open_.back(), c = take();
        if (c == ',') {
          if (inside == '{' && !name()) return false;
          break;
        }
        if (c != (inside == '{' ? '}' : ']')) return false;
        open_.pop_back();
      }
    }
  }

 private:
  char take() { return at_ < text_.size() ? text_[at_++] : '\0'; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  bool value() {
    fresh_ = false;
    const char c = take();
    switch (c) {
      case '"': return string();
      case '{': return begin('{', '}');
      case '[': return begin('[', ']');
      case 't': return word("rue");
      case 'f': return word("alse");
      case 'n': return word("ull");
      default: return number(c);
    }
  }

  bool begin(char open, char close) {
    space();
    if (peek() == close) {
      ++at_;
      return true;
    }
    open_ += open;
    fresh_ = true;
    return open == '[' || name();
  }

  bool name() {
    space();
    if (take() != '"' || !string()) return false;
    space();
    return take() == ':';
  }

  bool word(std::string_view rest) {
    if (!text_.substr(at_).starts_with(rest)) return false;
    at_ += rest.size();
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }

  bool number(char first) {
    if (first == '-') first = take();
    if (first < '0' || first > '9') return false;
    if (first != '0') static_cast<void>(digits());
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  // Behind its first quote.
  bool string() {
    while (at_ < text_.size()) {
      const auto kind = kKinds[static_cast<unsigned char>(text_[at_])];
      if (kind == Kind::plain) {
        ++at_;
      } else if (kind == Kind::end) {
        ++at_;
        return true;
      } else if (kind == Kind::high) {
        const std::size_t length = utf8_character(text_, at_);
        if (length == 0) return false;
        at_ += length;
      } else if (kind == Kind::control || !escape()) {
        return false;
      }
    }
    return false;
  }

  int unit() {
    int code = 0;
    for (int n = 0; n < 4; ++n) {
      const char c = take();
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return -1;
      code = code << 4 | digit;
    }
    return code;
  }

  bool escape() {
    ++at_;
    const char c = take();
    if (c != 'u') return c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    const int code = unit();
    if (code < 0 || (code >= 0xDC00 && code < 0xE000)) return false;
    if (code < 0xD800 || code >= 0xE000) return true;
    if (take() != '\\' || take() != 'u') return false;
    const int low = unit();
    return low >= 0xDC00 && low < 0xE000;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool fresh_ = false;
  static thread_local std::string open_;  // '{' or '[' of what is not closed yet; kept for its memory
};
thread_local std::string Scanner::open_;

}  // namespace

bool is_json(std::string_view text) { return Scanner(text).run(); }

}  // namespace pgward::audit
