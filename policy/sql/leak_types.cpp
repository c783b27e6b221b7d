#include "policy/sql/leak_types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/sql/leak.h"

namespace pgward::policy::sql {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 11> kFormatted{Pair{"int2", "smallint"},
                                          Pair{"int4", "integer"},
                                          Pair{"int8", "bigint"},
                                          Pair{"float4", "real"},
                                          Pair{"float8", "double precision"},
                                          Pair{"bool", "boolean"},
                                          Pair{"varchar", "character varying"},
                                          Pair{"bpchar", "character"},
                                          Pair{"timestamp", "timestamp without time zone"},
                                          Pair{"timestamptz", "timestamp with time zone"},
                                          Pair{"timetz", "time with time zone"}};

template <std::size_t N>
bool in(const std::array<std::string_view, N>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

constexpr std::array<std::string_view, 6> kComparisons{"=", "<>", "<", "<=", ">", ">="};
// Within these two families the server widens one side, which cannot fail, or compares across types with
// functions that have no way to fail either (numeric_eq, date_lt_timestamptz: not marked, but read).
constexpr std::array<std::string_view, 6> kNumbers{"smallint", "integer", "bigint",
                                                   "numeric",  "real",    "double precision"};
constexpr std::array<std::string_view, 3> kTimes{"date", "timestamp without time zone",
                                                 "timestamp with time zone"};
constexpr std::array<std::string_view, 2> kReadOurselves{"numeric", "interval"};

// The server's own comparison of a type with itself is leakproof, and nobody has put another one beside it.
bool vetted(const Catalog& catalog, const std::string& symbol, bool server_only, const std::string& type) {
  bool found = in(kReadOurselves, type);
  const auto [from, to] = catalog.operators.equal_range(symbol);
  for (auto it = from; it != to; ++it) {
    const Operator& each = it->second;
    const bool own = each.name.schema == "pg_catalog";
    if (!own && server_only) continue;
    if (!own && (comparable_type(each.left) == type || comparable_type(each.right) == type)) return false;
    if (!own || each.left != type || each.right != type) continue;
    if (!each.leakproof && !in(kReadOurselves, type)) return false;
    found = true;
  }
  return found;
}

}  // namespace

std::string comparable_type(const std::string& type) {
  return type == "character varying" ? "text" : type;  // binary-coercible; it has no operators of its own
}

std::string written_type(const Catalog& catalog, const std::vector<std::string>& parts) {
  if (parts.empty() || parts.size() > 2) return {};
  if (parts.size() == 2 && parts.front() != "pg_catalog") return {};
  // A bare name is looked up along the search_path.
  if (parts.size() == 1 && catalog.types.count(parts.front()) > 1) return {};
  for (const auto& [name, formatted] : kFormatted)
    if (parts.back() == name) return std::string(formatted);
  return parts.back();
}

bool comparison_is_leakproof(const Catalog& catalog, const std::vector<std::string>& parts,
                             const std::string& left, const std::string& right) {
  if (parts.empty() || parts.size() > 2 || (parts.size() == 2 && parts.front() != "pg_catalog")) return false;
  const std::string symbol = parts.back() == "!=" ? "<>" : parts.back();
  if (!in(kComparisons, symbol)) return false;
  const std::string a = comparable_type(left);
  const std::string b = comparable_type(right);
  const bool family = (in(kNumbers, a) && in(kNumbers, b)) || (in(kTimes, a) && in(kTimes, b));
  if (a != b && !family) return false;
  const bool server_only = parts.size() == 2;
  return vetted(catalog, symbol, server_only, a) && (a == b || vetted(catalog, symbol, server_only, b));
}

}  // namespace pgward::policy::sql
