#include "policy/sql/dml.h"

#include "policy/sql/assignments.h"
#include "policy/sql/insert.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool walk_update(QueryWalk& walk, Ref node, const WithScope* with, Columns& out) {
  Analysis& a = walk.analysis();
  const Tree& tree = a.tree;
  if (!a.may(StatementClass::update))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  WithScope scope;
  scope.outer = with;
  if (!walk.with_clause(tree.child(node, u_with), nullptr, scope)) return false;
  Level level;
  level.items.emplace_back();
  if (!walk.target(tree.child(node, u_relation), 'U', level.items.front())) return false;
  if (!walk.from_list(tree.child(node, u_from), level, &scope)) return false;
  for (const Update part : {u_targets, u_where})
    if (!walk.expression(tree.child(node, part), level, &scope)) return false;
  if (!walk.returning(tree.child(node, u_returning), level, &scope, out)) return false;
  const Protection& protection = *level.items.front().protection;
  touch_assigned(a, protection, 'U', tree.child(node, u_targets));
  const std::size_t name = a.layout.at(tree.at(tree.child(node, u_relation)));
  const auto set = [&] {
    return set_items(a.layout, a.layout.find(name, [&](std::size_t i) { return a.layout.word(i, "set"); }));
  };
  if (!judge_assignments(a, protection, level, tree.child(node, u_targets), set)) return false;
  return walk.protect_level(level, node, u_where, tree.child(node, u_from), true);
}

bool walk_delete(QueryWalk& walk, Ref node, const WithScope* with, Columns& out) {
  Analysis& a = walk.analysis();
  const Tree& tree = a.tree;
  if (!a.may(StatementClass::delete_))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  WithScope scope;
  scope.outer = with;
  if (!walk.with_clause(tree.child(node, d_with), nullptr, scope)) return false;
  Level level;
  level.items.emplace_back();
  if (!walk.target(tree.child(node, d_relation), 'D', level.items.front())) return false;
  if (!walk.from_list(tree.child(node, d_using), level, &scope)) return false;
  if (!walk.expression(tree.child(node, d_where), level, &scope)) return false;
  if (!walk.returning(tree.child(node, d_returning), level, &scope, out)) return false;
  return walk.protect_level(level, node, d_where, tree.child(node, d_using), true);
}

bool walk_insert(QueryWalk& walk, Ref node, const WithScope* with, Columns& out) {
  Analysis& a = walk.analysis();
  const Tree& tree = a.tree;
  if (!a.may(StatementClass::insert))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  WithScope scope;
  scope.outer = with;
  if (!walk.with_clause(tree.child(node, i_with), nullptr, scope)) return false;
  Level level;
  level.items.emplace_back();
  if (!walk.target(tree.child(node, i_relation), 'C', level.items.front())) return false;
  const Protection& protection = *level.items.front().protection;
  const Ref columns = tree.child(node, i_columns);
  if (columns == kNone) a.touch(protection, 'C', "*");
  touch_assigned(a, protection, 'C', columns);
  if (!walk.expression(columns, level, &scope)) return false;
  if (!walk_insert_source(walk, node, protection, scope)) return false;
  if (!walk_on_conflict(walk, node, level.items.front(), scope)) return false;
  return walk.returning(tree.child(node, i_returning), level, &scope, out);
}

}  // namespace

bool walk_dml(QueryWalk& walk, Ref node, const WithScope* with, Columns& out) {
  switch (walk.analysis().tree.kind(node)) {
    case Kind::insert:
      return walk_insert(walk, node, with, out);
    case Kind::update:
      return walk_update(walk, node, with, out);
    case Kind::delete_:
      return walk_delete(walk, node, with, out);
    default:
      return walk.analysis().refuse(Refusal::not_supported);
  }
}

}  // namespace pgward::policy::sql
