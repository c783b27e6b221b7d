// What names mean inside a query: relations in FROM, and WITH queries, level by level.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/sql/analysis.h"
#include "policy/sql/leak.h"
#include "policy/sql/predicate.h"

namespace pgward::policy::sql {

// Names of the columns that a query or a FROM item puts out, as far as the text tells.
struct Columns {
  std::vector<std::string> names;
  bool complete = false;
  std::vector<ColumnFact> facts = {};  // of the first of them, where fences need them
  bool has(std::string_view name) const;
  ColumnFact fact(std::size_t index) const { return index < facts.size() ? facts[index] : ColumnFact{}; }
};

struct JoinStep {
  Ref join = kNone;
  bool right = false;  // on which side of it the item stands
};

// One item of FROM, or the target of INSERT, UPDATE, DELETE.
struct FromItem {
  std::string name;                        // alias or bare relation name; empty: none
  Ref node = kNone;                        // range_var, or kNone
  const Protection* protection = nullptr;  // relations only
  bool aliased = false;
  bool renamed = false;     // alias with a column list
  bool join_alias = false;  // (a JOIN b) AS this: stands for all that it joins
  bool sampled = false;     // under TABLESAMPLE
  bool new_row = false;     // excluded: what the statement itself is writing
  bool nullable = false;    // on the nullable side of an outer join
  Columns columns;
  std::vector<JoinStep> path;  // from the root of the FROM item downwards
  // For fences (fence.h): what this item is made of when it is no relation, whether rows of protected
  // relations are in it, and whether the planner must be kept out of it.
  Ref made_of = kNone;  // range_subselect or cte
  bool holds_protected = false;
  mutable bool barrier = false;

  bool is_protected() const { return protection != nullptr && !protection->tenant.empty(); }
  Reference reference() const;  // how a predicate names it
};

struct Level {
  std::vector<FromItem> items;
  const Level* outer = nullptr;
  // Those that a name can mean where the walk is: all, but in an ON those of its own join only.
  std::size_t seen_from = 0;
  std::size_t seen_to = std::numeric_limits<std::size_t>::max();
  mutable bool grouped = false;  // an aggregate was met that may be its own
  std::span<const FromItem> seen() const {
    return std::span(items).first(std::min(seen_to, items.size())).subspan(seen_from);
  }
};

// For as long as the walk is in the ON of a join that joins these items.
class InsideOn {
 public:
  InsideOn(Level& level, std::size_t from, std::size_t to)
      : level_(level), from_(std::exchange(level.seen_from, from)), to_(std::exchange(level.seen_to, to)) {}
  ~InsideOn() {
    level_.seen_from = from_;
    level_.seen_to = to_;
  }
  InsideOn(const InsideOn&) = delete;
  InsideOn& operator=(const InsideOn&) = delete;

 private:
  Level& level_;
  std::size_t from_;
  std::size_t to_;
};

// WITH queries that can be seen; innermost first.
struct WithScope {
  struct Query {
    std::string name;
    Columns columns;
    Ref cte = kNone;
    bool holds_protected = false;
  };
  std::vector<Query> queries;
  const WithScope* outer = nullptr;
};
const WithScope::Query* find_with(const WithScope* scope, std::string_view name);

// An item that a column reference means: qualified by `qualifier` when that is not empty.
struct Resolved {
  const FromItem* item = nullptr;
  bool whole_row = false;
  bool certain = false;  // the item surely has the column
};
// The level, from this one outwards, in which the item stands.
bool holds(const Level& level, const FromItem* item);
const Level* level_of(const Level* level, const FromItem* item);

std::vector<Resolved> resolve_column(const Level* level, const std::vector<std::string>& fields, bool star);

}  // namespace pgward::policy::sql
