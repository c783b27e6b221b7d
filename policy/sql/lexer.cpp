#include "policy/sql/lexer.h"

#include <algorithm>

namespace pgward::policy::sql {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) {
  return is_name_start(c) || is_digit(c) || c == '$';
}
bool is_operator(char c) {
  return std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos;
}

// Longer runs are not cut up: the rest of the text is taken as one token, and operator_run tells.
constexpr std::size_t kOperatorRunMax = 1024;

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  Lexed run() {
    while (at_ < sql_.size()) step();
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void emit(TokenKind kind, std::size_t end) {
    end = std::min(end, sql_.size());
    out_.tokens.push_back({kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end - at_)});
    at_ = end;
  }

  void step() {
    const char c = peek();
    if (is_space(c)) {
      ++at_;
    } else if (c == '-' && peek(1) == '-') {
      line_comment();
    } else if (c == '/' && peek(1) == '*') {
      block_comment();
    } else if (c == '\'') {
      emit(TokenKind::string, string_end(at_ + 1, false));
    } else if (c == '"') {
      emit(TokenKind::quoted_name, quoted_end(at_ + 1, '"', false));
    } else if (c == '$') {
      dollar();
    } else if (is_name_start(c)) {
      word();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      emit(TokenKind::number, number_end());
    } else if (is_operator(c)) {
      emit(TokenKind::operator_, operator_end());
    } else {
      emit(TokenKind::punctuation, at_ + 1);
    }
  }

  void line_comment() {
    while (at_ < sql_.size() && sql_[at_] != '\n' && sql_[at_] != '\r') ++at_;
  }

  void block_comment() {
    unsigned depth = 0;
    while (at_ < sql_.size()) {
      if (peek() == '/' && peek(1) == '*') {
        out_.comment_depth = std::max(out_.comment_depth, ++depth);
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
  }

  // The byte after the closing quote; a doubled quote stays inside (but in B'..' and X'..'), and with
  // `escapes` so does \' .
  std::size_t quoted_end(std::size_t from, char quote, bool escapes, bool doubled = true) const {
    for (std::size_t i = from; i < sql_.size(); ++i) {
      if (escapes && sql_[i] == '\\') {
        ++i;
      } else if (sql_[i] == quote) {
        if (!doubled || i + 1 >= sql_.size() || sql_[i + 1] != quote) return i + 1;
        ++i;
      }
    }
    return sql_.size();
  }

  // 'a' <new line> 'b' is one constant, and its second part is read as its first: E'a'<new line>'\'' .
  std::size_t string_end(std::size_t from, bool escapes, bool doubled = true) const {
    std::size_t end = quoted_end(from, '\'', escapes, doubled);
    for (std::size_t quote = continuation(end); quote != end; quote = continuation(end))
      end = quoted_end(quote + 1, '\'', escapes, doubled);
    return end;
  }

  // The quote at which a constant that ended here goes on, after white space with a line break in it. (The
  // server allows comments there as well; the library does not, and refuses what it takes for two constants.)
  std::size_t continuation(std::size_t end) const {
    bool line_break = false;
    std::size_t i = end;
    for (; i < sql_.size() && is_space(sql_[i]); ++i)
      line_break = line_break || sql_[i] == '\n' || sql_[i] == '\r';
    return line_break && i < sql_.size() && sql_[i] == '\'' ? i : end;
  }

  void dollar() {
    if (is_digit(peek(1))) {
      std::size_t end = at_ + 1;
      while (end < sql_.size() && is_digit(sql_[end])) ++end;
      emit(TokenKind::param, end);
      return;
    }
    std::size_t tag_end = at_ + 1;
    if (tag_end < sql_.size() && is_name_start(sql_[tag_end]))
      while (tag_end < sql_.size() && is_name(sql_[tag_end]) && sql_[tag_end] != '$') ++tag_end;
    if (tag_end >= sql_.size() || sql_[tag_end] != '$') {
      emit(TokenKind::punctuation, at_ + 1);
      return;
    }
    const std::string_view tag = sql_.substr(at_, tag_end + 1 - at_);
    const std::size_t close = sql_.find(tag, tag_end + 1);
    emit(TokenKind::string, close == std::string_view::npos ? sql_.size() : close + tag.size());
  }

  void word() {
    const char c = static_cast<char>(peek() | 0x20);
    if (peek(1) == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n'))
      return emit(TokenKind::string, string_end(at_ + 2, c == 'e', c == 'e' || c == 'n'));
    if (c == 'u' && peek(1) == '&' && peek(2) == '\'')
      return emit(TokenKind::string, string_end(at_ + 3, false));
    if (c == 'u' && peek(1) == '&' && peek(2) == '"')
      return emit(TokenKind::quoted_name, quoted_end(at_ + 3, '"', false));
    std::size_t end = at_;
    while (end < sql_.size() && is_name(sql_[end])) ++end;
    emit(TokenKind::word, end);
  }

  std::size_t number_end() const {
    std::size_t i = at_;
    while (i < sql_.size() && is_digit(sql_[i])) ++i;
    // 1..2 is a range of two numbers, not a fraction
    if (i < sql_.size() && sql_[i] == '.' && !(i + 1 < sql_.size() && sql_[i + 1] == '.')) {
      ++i;
      while (i < sql_.size() && is_digit(sql_[i])) ++i;
    }
    if (i < sql_.size() && (sql_[i] | 0x20) == 'e') {
      std::size_t exponent = i + 1;
      if (exponent < sql_.size() && (sql_[exponent] == '+' || sql_[exponent] == '-')) ++exponent;
      if (exponent < sql_.size() && is_digit(sql_[exponent])) {
        while (exponent < sql_.size() && is_digit(sql_[exponent])) ++exponent;
        i = exponent;
      }
    }
    return i;
  }

  // The manual's rule: an operator ends before a comment, and may end in + or - only when it holds one
  // of ~ ! @ # % ^ & | ` ?
  std::size_t operator_end() {
    std::size_t run = at_;
    while (run < sql_.size() && is_operator(sql_[run])) ++run;
    out_.operator_run = std::max(out_.operator_run, run - at_);
    // + and - come off one by one, from a run looked through anew each time: no further than this.
    if (run - at_ > kOperatorRunMax) return sql_.size();
    std::size_t end = at_ + 1;
    bool special = std::string_view("~!@#^&|`?%").find(sql_[at_]) != std::string_view::npos;
    for (; end < run; ++end) {
      const char next = end + 1 < sql_.size() ? sql_[end + 1] : '\0';
      if ((sql_[end] == '-' && next == '-') || (sql_[end] == '/' && next == '*')) break;
      special = special || std::string_view("~!@#^&|`?%").find(sql_[end]) != std::string_view::npos;
    }
    if (!special)
      while (end > at_ + 1 && (sql_[end - 1] == '+' || sql_[end - 1] == '-')) --end;
    return end;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  Lexed out_;
};

}  // namespace

Lexed lex(std::string_view sql) {
  return Lexer(sql).run();
}

}  // namespace pgward::policy::sql
