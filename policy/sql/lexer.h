// Cuts a statement text into tokens, as PostgreSQL's scanner does with standard_conforming_strings = on.
//
// Serves two ends: bounds on what is quadratic in the parser's scanner (comments in comments, long
// operators), and the places where the rewriter may put text in. Nothing is decided by tokens: a
// misread token makes a rewriting that the proof refuses.
//
// One pass, linear, never fails: what is unterminated reaches to the end of the text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pgward::policy::sql {

enum class TokenKind : std::uint8_t { word, quoted_name, string, number, param, operator_, punctuation };

struct Token {
  TokenKind kind = TokenKind::punctuation;
  std::uint32_t at = 0;
  std::uint32_t size = 0;
  std::uint32_t end() const { return at + size; }
};

struct Lexed {
  std::vector<Token> tokens;
  unsigned comment_depth = 0;    // deepest nesting of /* */
  std::size_t operator_run = 0;  // longest run of operator characters
};

Lexed lex(std::string_view sql);

}  // namespace pgward::policy::sql
