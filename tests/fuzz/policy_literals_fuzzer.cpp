// The literals that we find against those of the library's own scanner: where a text has a shape, they must be the
// same ones, and the text with other values in must have the same shape.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "policy/literals.h"
#include "policy/sql/lexer.h"
#include "tests/policy/scanned.h"

namespace {

using pgward::policy::Literal;
using pgward::policy::LiteralKind;

const char* other_value(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::int4:
      return "42";
    case LiteralKind::int8:
      return "4200000000";
    case LiteralKind::numeric:
      return "42000000000000000000";
    case LiteralKind::decimal:
      return "4.25";
    case LiteralKind::string:
      break;
  }
  return "'it''s -- /* \\ $1 \"'";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(reinterpret_cast<const char*>(data), size);
  std::vector<Literal> literals;
  if (!pgward::policy::find_literals(sql, literals)) return 0;
  const auto lexed = pgward::policy::sql::lex(sql);
  if (lexed.comment_depth > 32 || lexed.operator_run > 64) return 0;  // the library's scanner is quadratic there
  const auto theirs = pgward::tests::scanned_literals(sql);
  if (!theirs) return 0;
  if (theirs->size() != literals.size()) std::abort();
  for (std::size_t i = 0; i < literals.size(); ++i)
    if ((*theirs)[i] != std::pair<std::size_t, std::size_t>(literals[i].at, literals[i].end())) std::abort();

  std::string other;
  std::size_t done = 0;
  for (const Literal& literal : literals) {
    other.append(sql, done, literal.at - done).append(other_value(literal.kind));
    done = literal.end();
  }
  other.append(sql, done);
  std::vector<Literal> again;
  if (!pgward::policy::find_literals(other, again) || again.size() != literals.size()) std::abort();
  const auto theirs_again = pgward::tests::scanned_literals(other);
  if (!theirs_again || theirs_again->size() != again.size()) std::abort();
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i].kind != literals[i].kind ||
        (*theirs_again)[i] != std::pair<std::size_t, std::size_t>(again[i].at, again[i].end()))
      std::abort();
  return 0;
}
