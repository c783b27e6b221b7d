// Our tokens against the library's own scanner: constants and quoted names must begin at the same bytes.
// Where they did not, comments could be hidden from the bounds that are checked before the parser runs.
#include <pg_query.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "policy/sql/lexer.h"

namespace {

using pgward::policy::sql::TokenKind;

std::uint64_t varint(const unsigned char*& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const unsigned char c = *at++;
    value |= static_cast<std::uint64_t>(c & 127U) << shift;
    if ((c & 128U) == 0) return value;
  }
}

// ScanResult {version = 1; repeated ScanToken {start = 1; end = 2; token = 4} = 2}, read by hand.
std::set<std::uint64_t> theirs(const std::string& sql, const PgQueryProtobuf& message) {
  std::set<std::uint64_t> begins;
  const auto* at = reinterpret_cast<const unsigned char*>(message.data);
  const unsigned char* const end = at + message.len;
  while (at < end) {
    const std::uint64_t tag = varint(at);
    const std::uint64_t value = varint(at);
    if ((tag & 7U) == 0) continue;
    const unsigned char* const inner_end = at + value;
    std::uint64_t fields[8] = {};
    while ((tag >> 3U) == 2 && at < inner_end) {
      const std::uint64_t field = varint(at) >> 3U;
      fields[field & 7U] = varint(at);
    }
    at = inner_end;
    const std::uint64_t token = fields[4];
    if ((token >= 261 && token <= 264) || token == 259 || (token == 258 && sql[fields[1]] == '"'))
      begins.insert(fields[1]);
  }
  return begins;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(reinterpret_cast<const char*>(data), size);
  for (const char c : sql)
    if (c == '\0' || static_cast<unsigned char>(c) >= 0x80) return 0;
  const auto lexed = pgward::policy::sql::lex(sql);
  if (lexed.comment_depth > 32 || lexed.operator_run > 64) return 0;
  const PgQueryScanResult scanned = pg_query_scan(sql.c_str());
  if (scanned.error == nullptr) {
    std::set<std::uint64_t> ours;
    for (const auto& token : lexed.tokens) {
      if (token.kind != TokenKind::string && token.kind != TokenKind::quoted_name) continue;
      ours.insert(token.at + ((sql[token.at] | 0x20) == 'n' ? 1U : 0U));  // N is a token of its own there
    }
    if (ours != theirs(sql, scanned.pbuf)) std::abort();
  }
  pg_query_free_scan_result(scanned);
  return 0;
}
