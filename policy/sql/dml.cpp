#include "policy/sql/dml.h"

#include "policy/sql/assignments.h"
#include "policy/sql/insert.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// WHERE CURRENT OF stands alone: it takes no predicate beside it, and needs none, since the row is one that
// the cursor gave. The session knows whether that cursor is ours, and over this relation.
bool walk_positioned(QueryWalk& walk, Ref current_of, const Level& level) {
  Analysis& a = walk.analysis();
  for (std::size_t i = 1; i < level.items.size(); ++i)
    if (level.items[i].is_protected()) return a.refuse(Refusal::not_supported);
  NameUse use;
  use.verb = NameUse::Verb::current_of;
  use.name = std::string(a.tree.text(current_of));
  const FromItem& target = level.items.front();
  if (target.is_protected()) use.target = target.protection->relation->name;
  a.facts.names.push_back(std::move(use));
  return true;
}

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
  if (!walk.expression(tree.child(node, u_targets), level, &scope)) return false;
  const bool positioned = tree.is(tree.child(node, u_where), Kind::current_of);
  if (!positioned && !walk.expression(tree.child(node, u_where), level, &scope)) return false;
  if (!walk.returning(node, u_returning, level, &scope, out)) return false;
  const Protection& protection = *level.items.front().protection;
  touch_assigned(a, protection, 'U', tree.child(node, u_targets));
  a.keys.assigned(a, tree.child(node, u_targets), level.items.front().node, protection);
  const std::size_t name = a.layout.at(tree.at(tree.child(node, u_relation)));
  const auto set = [&] {
    return set_items(a.layout, a.layout.find(name, [&](std::size_t i) { return a.layout.word(i, "set"); }));
  };
  if (!judge_assignments(a, protection, level, tree.child(node, u_targets), set)) return false;
  if (positioned) return walk_positioned(walk, tree.child(node, u_where), level);
  a.keys.level(a, level, tree.child(node, u_where));
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
  const bool positioned = tree.is(tree.child(node, d_where), Kind::current_of);
  if (!positioned && !walk.expression(tree.child(node, d_where), level, &scope)) return false;
  if (!walk.returning(node, d_returning, level, &scope, out)) return false;
  if (positioned) return walk_positioned(walk, tree.child(node, d_where), level);
  a.keys.level(a, level, tree.child(node, d_where));
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
  a.keys.inserted(a, node, protection);
  if (!walk_insert_source(walk, node, protection, scope)) return false;
  if (!walk_on_conflict(walk, node, level.items.front(), scope)) return false;
  return walk.returning(node, i_returning, level, &scope, out);
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
