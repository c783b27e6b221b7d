// Statements around queries: COPY, LOCK.
#include "policy/sql/copy.h"
#include "policy/sql/final_check.h"

namespace pgward::policy::sql {

using namespace child;

// To the client only; a relation by name only when nobody's rows are told apart in it.
bool FinalCheck::copy(Ref node, const Names& names) {
  if (tree_.number(node) != 0 || !tree_.text(node).empty() || tree_.child(node, cp_where) != kNone) return false;
  if (!copy_options_allowed(tree_, tree_.child(node, cp_options))) return false;
  const Ref range_var = tree_.child(node, cp_relation);
  const Ref query = tree_.child(node, cp_query);
  if ((range_var == kNone) == (query == kNone)) return false;
  return query != kNone ? walk(query, names) : target(range_var, {});
}

bool FinalCheck::lock(Ref node) const {
  const std::int64_t mode = tree_.number(node) & 255;
  if (mode < 1 || mode > kLockShareRowExclusive) return false;
  for (const Ref range_var : tree_.children(tree_.child(node, l_relations)))
    if (named(range_var) == nullptr) return false;
  return true;
}

}  // namespace pgward::policy::sql
