#include "policy/sql/statement.h"

#include "policy/sql/copy.h"
#include "policy/sql/ddl.h"
#include "policy/sql/facts.h"
#include "policy/sql/merge.h"
#include "policy/sql/named.h"
#include "policy/sql/query.h"
#include "policy/sql/temporary.h"
#include "policy/sql/utility.h"

namespace pgward::policy::sql {
namespace {

StatementKind kind_of(const Tree& tree, Ref node) {
  switch (tree.kind(node)) {
    case Kind::select:
      return tree.child(node, child::s_values) != kNone ? StatementKind::values : StatementKind::select;
    case Kind::insert:
      return StatementKind::insert;
    case Kind::update:
      return StatementKind::update;
    case Kind::delete_:
      return StatementKind::delete_;
    case Kind::merge:
      return StatementKind::merge;
    default:
      return StatementKind::other;
  }
}

bool walk_query(Analysis& analysis, Ref node) {
  QueryWalk walk(analysis);
  if (analysis.tree.is(node, Kind::copy)) return walk_copy(walk, node);
  if (analysis.tree.is(node, Kind::merge)) return walk_merge(walk, node);
  Columns ignored;
  return walk.query(node, nullptr, nullptr, ignored);
}

}  // namespace

bool walk_query_statement(Analysis& analysis, Ref node) {
  analysis.facts.kind = kind_of(analysis.tree, node);
  if (analysis.facts.kind == StatementKind::other) return analysis.refuse(Refusal::not_supported);
  analysis.keys.begin(analysis, node);
  if (!walk_query(analysis, node)) return false;
  finish_facts(analysis);
  return true;
}

bool walk_statement(Analysis& analysis, Ref node) {
  if (kind_of(analysis.tree, node) != StatementKind::other) {
    analysis.answer = analysis.policy.adds_keys() ? node : kNone;
    return walk_query_statement(analysis, node);
  }
  if (analysis.tree.is(node, Kind::copy)) {
    analysis.facts.kind = StatementKind::copy;
    analysis.keys.begin(analysis, node);
    if (!walk_query(analysis, node)) return false;
    finish_facts(analysis);
    return true;
  }
  if (analysis.tree.is(node, Kind::ddl)) return walk_ddl(analysis, node);
  if (is_of_temporary(analysis.tree.kind(node))) return walk_temporary(analysis, node);
  return is_named(analysis.tree.kind(node)) ? walk_named(analysis, node) : walk_utility(analysis, node);
}

}  // namespace pgward::policy::sql
