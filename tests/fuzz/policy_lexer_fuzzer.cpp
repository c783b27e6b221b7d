// Our tokens against the library's own scanner: constants and quoted names must begin at the same bytes.
// Where they did not, comments could be hidden from the bounds that are checked before the parser runs.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "policy/sql/lexer.h"
#include "tests/policy/scanned.h"

namespace {

using pgward::policy::sql::TokenKind;

// Where constants and quoted names begin.
std::set<std::uint64_t> theirs(const std::string& sql, const std::vector<pgward::tests::ScannedToken>& tokens) {
  std::set<std::uint64_t> begins;
  for (const auto& token : tokens)
    if ((token.kind >= 261 && token.kind <= 264) || token.kind == 259 || (token.kind == 258 && sql[token.begin] == '"'))
      begins.insert(token.begin);
  return begins;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(reinterpret_cast<const char*>(data), size);
  for (const char c : sql)
    if (c == '\0' || static_cast<unsigned char>(c) >= 0x80) return 0;
  const auto lexed = pgward::policy::sql::lex(sql);
  if (lexed.comment_depth > 32 || lexed.operator_run > 64) return 0;
  if (const auto scanned = pgward::tests::scanned_tokens(sql)) {
    std::set<std::uint64_t> ours;
    for (const auto& token : lexed.tokens) {
      if (token.kind != TokenKind::string && token.kind != TokenKind::quoted_name) continue;
      ours.insert(token.at + ((sql[token.at] | 0x20) == 'n' ? 1U : 0U));  // N is a token of its own there
    }
    if (ours != theirs(sql, *scanned)) std::abort();
  }
  return 0;
}
