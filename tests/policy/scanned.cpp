#include "scanned.h"

#include <pg_query.h>

#include <cstdint>

namespace pgward::tests {
namespace {

std::uint64_t varint(const unsigned char*& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const unsigned char c = *at++;
    value |= static_cast<std::uint64_t>(c & 127U) << shift;
    if ((c & 128U) == 0) return value;
  }
}

// FCONST, SCONST, USCONST, BCONST, XCONST and ICONST of the library's enum Token.
bool is_literal(std::uint64_t token) { return (token >= 260 && token <= 264) || token == 266; }

}  // namespace

// ScanResult {version = 1; repeated ScanToken {start = 1; end = 2; token = 4} = 2}, read by hand.
std::optional<std::vector<ScannedToken>> scanned_tokens(const std::string& sql) {
  const PgQueryScanResult scanned = pg_query_scan(sql.c_str());
  std::optional<std::vector<ScannedToken>> tokens;
  if (scanned.error == nullptr) {
    tokens.emplace();
    const auto* at = reinterpret_cast<const unsigned char*>(scanned.pbuf.data);
    const unsigned char* const end = at + scanned.pbuf.len;
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
      tokens->push_back({fields[1], fields[2], fields[4]});
    }
  }
  pg_query_free_scan_result(scanned);
  return tokens;
}

std::optional<std::vector<std::pair<std::size_t, std::size_t>>> scanned_literals(const std::string& sql) {
  const auto tokens = scanned_tokens(sql);
  if (!tokens) return std::nullopt;
  std::vector<std::pair<std::size_t, std::size_t>> literals;
  for (const ScannedToken& token : *tokens)
    if (is_literal(token.kind)) literals.emplace_back(token.begin, token.end);
  return literals;
}

}  // namespace pgward::tests
