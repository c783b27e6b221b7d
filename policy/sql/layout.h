// Where the clauses of a statement stand in its text.
//
// The grammar keeps no place for FROM, WHERE, ON or for the end of an expression; every relation name
// has one. So: from the token of a name, by parentheses and reserved words, to the clauses around it.
// All answers are guesses that the proof checks; "not found" makes the caller refuse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/sql/lexer.h"

namespace pgward::policy::sql {

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// Tokens [first, last).
struct Range {
  std::size_t first = kNowhere;
  std::size_t last = kNowhere;
};

struct JoinText {
  std::size_t join = kNowhere;  // the word JOIN
  std::size_t on = kNowhere;    // the word ON, or nowhere
  std::size_t on_end = kNowhere;
};

// One query level.
struct LevelText {
  std::size_t from = kNowhere;      // FROM, USING or TABLE; nowhere when there is none
  std::size_t from_end = kNowhere;  // the token before which a WHERE may be put
  std::size_t where = kNowhere;
  std::size_t where_end = kNowhere;
};

class Layout {
 public:
  explicit Layout(std::string_view sql);

  std::string_view sql() const { return sql_; }
  std::size_t size() const { return tokens_.size(); }
  const Token& token(std::size_t index) const { return tokens_[index]; }
  std::string_view text(std::size_t index) const {
    return sql_.substr(tokens_[index].at, tokens_[index].size);
  }
  std::size_t begin_of(std::size_t index) const;  // byte; the end of the text when past the last token
  std::size_t end_of(std::size_t index) const { return tokens_[index].end(); }
  // The token that begins at this byte.
  std::size_t at(std::int64_t byte) const;
  // The first token at or behind it.
  std::size_t first_from(std::int64_t byte) const;

  bool word(std::size_t index, std::string_view lower) const;  // not after a dot
  bool is(std::size_t index, char punctuation) const;
  bool operator_is(std::size_t index, std::string_view symbol) const;
  std::size_t match(std::size_t index) const { return match_[index]; }
  // The next token in the same parentheses, jumping over inner ones.
  std::size_t next(std::size_t index) const;
  std::size_t previous(std::size_t index) const;  // kNowhere at an opening parenthesis or the beginning
  std::size_t outer(std::size_t index) const { return outer_[index]; }  // opening parenthesis around it

  unsigned comment_depth() const { return comment_depth_; }
  std::size_t operator_run() const { return operator_run_; }
  std::size_t parenthesis_depth() const { return parenthesis_depth_; }
  std::size_t statements() const;  // how many, going by semicolons

  // The level of a SELECT (or TABLE) in whose FROM the name at this token stands.
  LevelText select_level(std::size_t name) const;
  // The level of a SELECT whose first output begins there, for those that name no relation.
  LevelText output_level(std::size_t output) const;
  // The level of UPDATE or DELETE whose target name stands there.
  LevelText target_level(std::size_t name) const;
  // Joins between FROM and its end, in the order of their JOIN words; false when they do not pair up.
  bool joins(const LevelText& level, std::vector<JoinText>& out) const;
  // The whole of a relation in FROM: ONLY, parts of the name, *; without alias.
  Range relation_name(std::size_t name) const;
  // Comma-separated items between two tokens.
  std::vector<Range> split(std::size_t first, std::size_t last) const;
  // First token at or after `from`, in its parentheses, for which `found` holds; kNowhere at their end.
  template <typename Found>
  std::size_t find(std::size_t from, Found found) const {
    for (std::size_t i = from; i != kNowhere && i < tokens_.size() && !ends_scope(i); i = next(i))
      if (found(i)) return i;
    return kNowhere;
  }
  bool ends_scope(std::size_t index) const;   // ) ] ; or the end
  bool clause_from(std::size_t index) const;  // FROM as a clause, not IS DISTINCT FROM or ROWS FROM
  bool on_conflict(std::size_t index) const;
  bool ends_where(std::size_t index) const;  // a word that ends WHERE at this level
  bool ends_from(std::size_t index) const;
  bool join_without_condition(std::size_t join) const;  // CROSS JOIN, NATURAL JOIN

 private:
  bool holds_join(std::size_t open) const;
  bool join_parenthesis(std::size_t open) const;
  bool starts_join(std::size_t index) const;
  bool collect_joins(std::size_t first, std::size_t last, std::vector<JoinText>& out) const;
  LevelText finish_level(LevelText level, std::size_t from) const;

  std::string_view sql_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> match_;
  std::vector<std::size_t> outer_;
  unsigned comment_depth_ = 0;
  std::size_t operator_run_ = 0;
  std::size_t parenthesis_depth_ = 0;
};

}  // namespace pgward::policy::sql
