// Fences in text and tree: where conjuncts stand, and what is put around them.
#pragma once

#include "policy/sql/layout.h"
#include "policy/sql/predicate.h"

namespace pgward::policy::sql {

// Conjuncts of a condition, `wanted` of them if that is how it can be read.
std::vector<Range> conjuncts_text(const Layout& layout, Range whole, std::size_t wanted);
// The condition of HAVING, looked for from this token on.
Range having_text(const Layout& layout, std::size_t from);
// The closing parenthesis of the sub-select in whose (first) list of columns this token stands.
std::size_t query_end(const Layout& layout, std::size_t target);

// True in every group, and an aggregate.
inline constexpr std::string_view kCountsRows = "pg_catalog.count(*) OPERATOR(pg_catalog.>=) 0";
Ref counts_rows_node(Tree& tree);
Ref or_absent_node(Tree& tree, Ref predicate, const Reference& reference, std::string_view column);
Ref fence_node(Tree& tree, Ref guards, Ref condition);

}  // namespace pgward::policy::sql
