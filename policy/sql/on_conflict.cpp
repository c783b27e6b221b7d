// ON CONFLICT DO UPDATE: the row in the way may be anybody's. Row-level security raises an error then;
// so does this: the condition becomes a CASE that fails for a row of somebody else.
#include "policy/sql/assignments.h"
#include "policy/sql/insert.h"
#include "policy/sql/insert_text.h"
#include "policy/sql/predicate.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool guard_row(Analysis& a, Ref conflict, const FromItem& target, const InsertText& text) {
  const Ref old = a.tree.child(conflict, oc_where);
  if (text.conflict_set == kNowhere || (old != kNone) != (text.conflict_where != kNowhere))
    return a.refuse(Refusal::unproven);
  const Reference reference{{target.name}};
  const std::vector<TenantPair>& pairs = target.protection->tenant;
  Pieces before;
  if (old == kNone) before += " WHERE ";
  before += row_guard_before(reference, pairs, old != kNone);
  if (old != kNone) {
    a.changes.insert(a.layout.begin_of(text.conflict_where + 1), Rank::open, std::move(before));
    a.changes.insert(a.layout.end_of(text.conflict_end - 1), Rank::append_from, row_guard_after(true));
  } else {
    before += row_guard_after(false);
    a.changes.insert(a.layout.end_of(text.conflict_end - 1), Rank::append_from, std::move(before));
  }
  a.tree.set(conflict, oc_where, row_guard_node(a, reference, pairs, old));
  for (const TenantPair& pair : pairs)
    a.facts.enforcements.push_back({target.protection->relation->name, target.name, pair.column,
                                    a.policy.tenant[pair.attribute].name, Enforcement::How::assignment_guard,
                                    pair.place});
  return true;
}

}  // namespace

bool walk_on_conflict(QueryWalk& walk, Ref insert, const FromItem& target, const WithScope& scope) {
  Analysis& a = walk.analysis();
  const Tree& tree = a.tree;
  const Ref conflict = tree.child(insert, i_conflict);
  if (conflict == kNone) return true;
  Level level;
  level.items.push_back(target);
  if (!walk.expression(tree.child(conflict, oc_infer), level, &scope)) return false;
  if (tree.number(conflict) != kConflictUpdate) return true;
  if (!a.may(StatementClass::update))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  // The row that was going to be inserted: its tenant has been checked already.
  FromItem excluded = target;
  excluded.name = "excluded";
  excluded.aliased = true;
  excluded.new_row = true;
  level.items.push_back(std::move(excluded));
  for (const OnConflict part : {oc_targets, oc_where})
    if (!walk.expression(tree.child(conflict, part), level, &scope)) return false;
  const Ref targets = tree.child(conflict, oc_targets);
  touch_assigned(a, *target.protection, 'U', targets);
  if (!target.is_protected()) return true;
  const std::size_t name = a.layout.at(tree.at(tree.child(insert, i_relation)));
  if (name == kNowhere) return a.refuse(Refusal::unproven);
  const InsertText text = insert_text(a.layout, name, tree.child(insert, i_columns) != kNone);
  if (!judge_assignments(a, *target.protection, level, targets, [&] { return set_items(a.layout, text.conflict_set); }))
    return false;
  return guard_row(a, conflict, target, text);
}

}  // namespace pgward::policy::sql
