// The predicate itself: `ref.column OPERATOR(pg_catalog.=) 'value'::pg_catalog.type`, as text with the
// value left open, and as tree with a sample value. A bare column and a literal of its own type: no
// cast of the column, nothing that a session's search_path could turn into something else.
#pragma once

#include <string>

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

// A fixed value of the attribute's type that stands for the caller's while a plan is proven.
std::string sample_value(const Policy& policy, std::size_t attribute);

// The same for TenantValues::tag().
inline constexpr std::string_view kSampleTag = "7067776172642d31";

// A reference by which a relation is known inside one query level.
struct Reference {
  std::vector<std::string> fields;  // alias, or schema and table
  std::string sql() const;          // with a dot at the end
};

Pieces literal_text(const TenantPair& pair);
Ref literal_node(const Analysis& analysis, const TenantPair& pair);
Pieces predicate_text(const Reference& reference, const TenantPair& pair);
Ref predicate_node(const Analysis& analysis, const Reference& reference, const TenantPair& pair);

// What the parser makes of `a AND b AND (old)`; old may be none.
Ref conjunction(Tree& tree, const std::vector<Ref>& predicates, Ref old);

// CASE WHEN (<expression>) = <literal> THEN <literal> ELSE <fails at run time> END
Pieces guard_before();
Pieces guard_after(const TenantPair& pair);
Ref guard_node(const Analysis& analysis, const TenantPair& pair, Ref expression);

// CASE WHEN <predicates> THEN <true | (old)> ELSE <fails at run time> END, for ON CONFLICT DO UPDATE.
Pieces row_guard_before(const Reference& reference, const std::vector<TenantPair>& pairs, bool with_old);
Pieces row_guard_after(bool with_old);
Ref row_guard_node(const Analysis& analysis, const Reference& reference, const std::vector<TenantPair>& pairs,
                   Ref old);

}  // namespace pgward::policy::sql
