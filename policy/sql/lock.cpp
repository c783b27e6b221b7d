#include "policy/sql/lock.h"

namespace pgward::policy::sql {
namespace {

bool may_write(const Analysis& a) {
  return a.may(StatementClass::insert) || a.may(StatementClass::update) || a.may(StatementClass::delete_);
}

bool walk_relation(Analysis& a, Ref range_var, char action) {
  const Relation* relation = resolve_relation(a, range_var);
  if (relation == nullptr) return false;
  const Protection* protection = protection_for(a, *relation, action, false);
  if (protection == nullptr) return false;
  // A view's tables would be locked with it.
  const bool plain =
      relation->kind == RelationKind::table || relation->kind == RelationKind::partitioned_table;
  return (plain && !protection->system) || a.refuse(Refusal::not_supported, relation->name.text());
}

}  // namespace

bool walk_lock(Analysis& a, Ref node) {
  const std::int64_t mode = a.tree.number(node) & 255;
  const bool reads = mode <= kLockRowShare;
  if (mode < 1 || mode > kLockShareRowExclusive || !(reads ? a.may(StatementClass::select) : may_write(a)))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  const Ref relations = a.tree.child(node, child::l_relations);
  for (std::size_t i = 0; i < a.tree.count(relations); ++i)
    if (!walk_relation(a, a.tree.child(relations, i), reads ? 'R' : 'U')) return false;
  return true;
}

}  // namespace pgward::policy::sql
