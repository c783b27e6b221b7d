// Statements that are no simple queries: MERGE, COPY, LOCK.
#include "policy/sql/copy.h"
#include "policy/sql/copy_from.h"
#include "policy/sql/final_check.h"

namespace pgward::policy::sql {

using namespace child;

// ON chooses the rows of the target that match. It drops none of the source: those must be chosen within.
bool FinalCheck::merge(Ref node, Names names) {
  const Inside level(*this);
  if (!with(tree_.child(node, m_with), names)) return false;
  if (!fenced(tree_.child(node, m_relation), tree_.child(node, m_source), tree_.child(node, m_on), kNone))
    return false;
  Filters filters;
  conjuncts(tree_.child(node, m_on), filters);
  const Ref range_var = tree_.child(node, m_relation);
  if (!target(range_var, filters) || !writable(*named(range_var)) || !from(tree_.child(node, m_source), {}, names)) return false;
  const Relation& relation = *named(range_var);
  for (const Ref when : tree_.children(tree_.child(node, m_whens))) {
    const std::int64_t command = (tree_.number(when) >> 8) & 255;
    if (command == kMergeUpdate && !assignments(tree_.child(when, mw_targets), relation, node)) return false;
    for (const Needed& each : needed(relation))
      if (command == kMergeInsert && !merge_row(node, when, relation, each)) return false;
    if (!all_children(when, names)) return false;
  }
  return walk(tree_.child(node, m_on), names);
}

bool FinalCheck::merge_row(Ref merge, Ref when, const Relation& relation, const Needed& needed) const {
  std::size_t position = kNowhere;
  if (!position_of(tree_.child(when, mw_targets), relation, needed, position)) return false;
  const Ref values = tree_.child(when, mw_values);
  if (position >= tree_.count(values)) return default_is_own(relation, needed);
  return value(tree_.child(values, position), relation, needed, merge);
}

// To the client only; a relation by name only when nobody's rows are told apart in it.
bool FinalCheck::copy(Ref node, const Names& names) {
  if (tree_.number(node) == kCopyFrom) return copy_from(node, names);
  if (tree_.number(node) != 0 || !tree_.text(node).empty() || tree_.child(node, cp_where) != kNone) return false;
  if (!copy_options_allowed(tree_, tree_.child(node, cp_options))) return false;
  const Ref range_var = tree_.child(node, cp_relation);
  const Ref query = tree_.child(node, cp_query);
  if ((range_var == kNone) == (query == kNone)) return false;
  if (query != kNone) return walk(query, names);
  return target(range_var, {}) && rules(*named(range_var)).empty();
}

// From the client only; columns by name, and the session looks at those that carry the tenant.
bool FinalCheck::copy_from(Ref node, const Names& names) {
  const Ref range_var = tree_.child(node, cp_relation);
  if (range_var == kNone || tree_.child(node, cp_query) != kNone || !tree_.text(node).empty()) return false;
  const Relation* relation = named(range_var);
  if (relation == nullptr || !writable(*relation) || !walk(tree_.child(node, cp_where), names)) return false;
  const Ref columns = tree_.child(node, cp_columns);
  const auto says = [&](const StatementFacts& facts, const Needed& each) {
    const CopyIn* copy = facts.copy_in.get();
    if (copy == nullptr || copy->relation != relation->name) return false;
    CopyIn again;
    if (!read_copy_from_options(tree_, tree_.child(node, cp_options), catalog_.server_version_num, again)) return false;
    return again.format == copy->format && again.delimiter == copy->delimiter && again.quote == copy->quote &&
           again.escape == copy->escape && again.null_marker == copy->null_marker && again.default_marker == copy->default_marker &&
           again.header == copy->header && again.marker_ends_data == copy->marker_ends_data &&
           copy_checks_column(tree_, columns, *copy, each.column, policy_.tenant[each.attribute]);
  };
  for (const Needed& each : needed(*relation)) {
    const bool copied = std::any_of(plan_.statements.begin(), plan_.statements.end(),
                                    [&](const StatementFacts& facts) { return says(facts, each); });
    // Left out of the list, it gets its default.
    std::size_t position = 0;
    while (position < tree_.count(columns) && tree_.text(tree_.child(columns, position)) != each.column) ++position;
    const bool defaulted = columns != kNone && position == tree_.count(columns) && default_is_own(*relation, each);
    if (!copied && !defaulted) return false;
  }
  return true;
}

bool FinalCheck::lock(Ref node) const {
  const std::int64_t mode = tree_.number(node) & 255;
  if (mode < 1 || mode > kLockShareRowExclusive) return false;
  for (const Ref range_var : tree_.children(tree_.child(node, l_relations)))
    if (named(range_var) == nullptr) return false;
  return true;
}

}  // namespace pgward::policy::sql
