// Finds the literals of a statement text in one pass, so that texts which differ in nothing else can be told
// to be of one shape.
//
//   find_literals()  where they are, or that the text has no shape: then only its exact text says what it means.
//   Places           where a place of one text is in another of its shape.
//
// Agrees with PostgreSQL's scanner (standard_conforming_strings = on) or gives up: what is read in any unusual
// way (dollar quotes, E'', U&, B'', X'', constants in several parts, comments in comments, .5, 1e9, 1..2, what
// is glued to a number, bytes above 127 outside of quotes) has no shape. Two texts with equal kinds of literals and
// equal bytes between them are therefore the same tokens to the server, and differ in values of constants only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pgward::policy {

// What the server's parser makes of it by its value alone: kinds of their own, since other types mean other
// operators and functions.
enum class LiteralKind : std::uint8_t { int4, int8, numeric, decimal, string };

struct Literal {
  std::uint32_t at = 0;
  std::uint32_t size = 0;  // a string's with its quotes, a number's without its sign
  LiteralKind kind = LiteralKind::int4;
  bool free = false;  // in a Plan: another value of this kind would have been decided on in the same way
  std::size_t end() const { return std::size_t{at} + size; }
};

// False: no shape, and `out` means nothing.
bool find_literals(std::string_view sql, std::vector<Literal>& out);

// Asked in ascending order, for places that are in no literal of different size.
class Places {
 public:
  // `here` null: the text is the planned one itself. Otherwise as many as `planned`. Both must outlive this.
  Places(const std::vector<Literal>& planned, const std::vector<Literal>* here) : planned_(planned), here_(here) {}

  std::size_t of(std::size_t planned_at) {
    if (here_ == nullptr) return planned_at;
    while (next_ < planned_.size() && planned_[next_].at < planned_at) ++next_;
    if (next_ == 0) return planned_at;
    return (*here_)[next_ - 1].end() + (planned_at - planned_[next_ - 1].end());
  }

 private:
  const std::vector<Literal>& planned_;
  const std::vector<Literal>* here_;
  std::size_t next_ = 0;  // literals that begin in front of the place asked for last
};

}  // namespace pgward::policy
