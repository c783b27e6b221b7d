// FROM: relations, joins, sub-selects, functions.
#include "policy/sql/fence.h"
#include "policy/sql/fence_meaning.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr std::int64_t kInherit = 255;  // low byte of a range_var's number: ONLY was not written

bool nullable_at(const Tree& tree, const JoinStep& step) {
  switch (tree.number(step.join) & 15) {
    case kJoinLeft:
      return step.right;
    case kJoinRight:
      return !step.right;
    case kJoinFull:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool QueryWalk::from_list(Ref list, Level& level, const WithScope* with) {
  for (std::size_t i = 0; i < a_.tree.count(list); ++i) {
    std::vector<JoinStep> path;
    if (!from_item(a_.tree.child(list, i), level, with, path, false)) return false;
  }
  return true;
}

bool QueryWalk::from_item(Ref node, Level& level, const WithScope* with, std::vector<JoinStep>& path,
                          bool sampled) {
  const Tree& tree = a_.tree;
  switch (tree.kind(node)) {
    case Kind::range_var:
      return range_var(node, level, with, path, sampled);
    case Kind::join:
      return range_join(node, level, with, path);
    case Kind::range_subselect:
      return other_item(node, tree.child(node, rs_alias), tree.number(node) != 0, level, with, path);
    case Kind::range_function:
      return other_item(node, tree.child(node, rf_alias), true, level, with, path);
    case Kind::range_table_func:
      return other_item(node, tree.child(node, tf_alias), true, level, with, path);
    case Kind::range_sample: {
      // Other methods are functions of extensions.
      const std::vector<std::string> method = parts_of(tree, tree.child(node, sa_method));
      if (method.size() != 1 || (method[0] != "system" && method[0] != "bernoulli"))
        return a_.refuse(Refusal::not_supported);
      if (!expression(tree.child(node, sa_args), level, with) ||
          !expression(tree.child(node, sa_repeatable), level, with))
        return false;
      return from_item(tree.child(node, sa_relation), level, with, path, true);
    }
    default:
      return a_.refuse(Refusal::not_supported);
  }
}

bool QueryWalk::range_var(Ref node, Level& level, const WithScope* with, const std::vector<JoinStep>& path,
                          bool sampled) {
  const Tree& tree = a_.tree;
  FromItem item;
  item.path = path;
  const Ref alias = tree.child(node, rv_alias);
  item.aliased = alias != kNone;
  item.name = std::string(tree.text(alias != kNone ? alias : node));
  const WithScope::Query* cte = nullptr;
  if (tree.child(node, rv_schema) == kNone && tree.child(node, rv_catalog) == kNone)
    cte = find_with(with, tree.text(node));
  if (cte != nullptr) {
    item.columns = cte->columns;
    item.made_of = cte->cte;
    item.holds_protected = cte->holds_protected;
  } else {
    const Relation* relation = resolve_relation(a_, node);
    if (relation == nullptr) return false;
    item.protection = protection_for(a_, *relation, 'R', (tree.number(node) & kInherit) != 0);
    if (item.protection == nullptr) return false;
    item.node = node;
    a_.keys.reference(node, *item.protection);
    item.sampled = sampled;
    for (const Column& column : relation->columns) item.columns.names.push_back(column.name);
    item.columns.complete = !relation->columns.empty();  // of a temporary table: not known
    a_.touch(*item.protection, 'R', {});
  }
  for (const JoinStep& step : path) item.nullable = item.nullable || nullable_at(tree, step);
  if (a_.fenced()) {
    if (item.protection != nullptr) item.columns.facts = stored_columns(a_, *item.protection->relation);
    item.holds_protected = item.holds_protected || item.is_protected();
    seen.protected_items += item.holds_protected ? 1U : 0U;
  }
  if (alias != kNone && tree.child(alias, a_columns) != kNone) {
    item.renamed = true;
    const std::vector<std::string> names = parts_of(tree, tree.child(alias, a_columns));
    for (std::size_t i = 0; i < names.size() && i < item.columns.names.size(); ++i)
      item.columns.names[i] = names[i];
  }
  level.items.push_back(std::move(item));
  return true;
}

bool QueryWalk::range_join(Ref node, Level& level, const WithScope* with, std::vector<JoinStep>& path) {
  const Tree& tree = a_.tree;
  const std::size_t first = level.items.size();
  path.push_back({node, false});
  if (!from_item(tree.child(node, j_left), level, with, path, false)) return false;
  path.back().right = true;
  if (!from_item(tree.child(node, j_right), level, with, path, false)) return false;
  path.pop_back();
  const bool natural = (tree.number(node) & kJoinNatural) != 0;
  if (natural || tree.child(node, j_using) != kNone) {
    const Ref equals = a_.tree.strings({"="});  // compared with whatever = is found along the search_path
    if (!operator_name(equals)) return false;
    note_using(node, level, first);
    if (a_.fenced()) fence_using(node, level, first);
  }
  {
    const InsideOn on(level, first, level.items.size());
    if (!expression(tree.child(node, j_on), level, with)) return false;
  }
  const Ref alias = tree.child(node, j_alias);
  const Ref using_alias = tree.child(node, j_using_alias);
  for (const Ref name : {alias, using_alias}) {
    if (name == kNone) continue;
    FromItem item;  // columns unknown: references to it count for all items
    item.name = std::string(tree.text(name));
    item.aliased = true;
    item.path = path;
    item.join_alias = true;
    level.items.push_back(std::move(item));
  }
  return true;
}

bool QueryWalk::computes_alone(Ref functions) const {
  for (const Ref item : a_.tree.children(functions)) {
    const Ref call = a_.tree.child(item, 0);
    if (!a_.tree.is(call, Kind::func_call)) continue;
    const auto [from, to] = a_.catalog.functions.equal_range(parts_of(a_.tree, a_.tree.child(call, f_name)).back());
    for (auto it = from; it != to; ++it)
      if (it->second.language == "sql") return false;
  }
  return true;
}

void QueryWalk::note_using(Ref join, const Level& level, std::size_t first) {
  const std::vector<std::string> names = parts_of(a_.tree, a_.tree.child(join, j_using));
  for (std::size_t i = first; i < level.items.size(); ++i) {
    const FromItem& item = level.items[i];
    if (item.protection == nullptr) continue;
    if (names.empty()) a_.touch(*item.protection, 'R', "*");
    for (const std::string& name : names)
      if (item.columns.has(name)) a_.touch(*item.protection, 'R', name);
  }
}

// USING compares without a condition that could be fenced: what could fail goes behind a barrier.
void QueryWalk::fence_using(Ref join, const Level& level, std::size_t first) {
  std::set<std::string> names;
  for (const std::string& name : parts_of(a_.tree, a_.tree.child(join, j_using))) names.insert(name);
  if (names.empty())
    for (std::size_t i = first; i < level.items.size(); ++i)
      names.insert(level.items[i].columns.names.begin(), level.items[i].columns.names.end());
  for (const std::string& name : names) {
    std::vector<const FromItem*> with;
    for (std::size_t i = first; i < level.items.size(); ++i)
      if (level.items[i].columns.has(name) || !level.items[i].columns.complete) with.push_back(&level.items[i]);
    bool harmless = true;
    for (const FromItem* item : with) {
      const ColumnFact fact = fact_of(*item, name);
      harmless = harmless && fact.plain &&
                 comparison_is_leakproof(a_.catalog, {"="}, fact.type, fact_of(*with.front(), name).type);
    }
    if (with.size() < 2 || harmless) continue;
    for (const FromItem* item : with) item->barrier = item->holds_protected;
  }
}

bool QueryWalk::other_item(Ref node, Ref alias, bool lateral, Level& level, const WithScope* with,
                           const std::vector<JoinStep>& path) {
  const Tree& tree = a_.tree;
  FromItem item;
  item.path = path;
  item.aliased = true;
  if (alias != kNone) item.name = std::string(tree.text(alias));
  if (tree.is(node, Kind::range_subselect)) {
    // Without LATERAL it does not see its neighbours.
    const std::size_t before = seen.protected_items + seen.leaks_outward;
    if (!query(tree.child(node, rs_query), lateral ? &level : level.outer, with, item.columns)) return false;
    item.made_of = node;
    item.holds_protected = lateral || seen.protected_items + seen.leaks_outward != before;
  } else if (tree.is(node, Kind::range_function)) {
    const Ref functions = tree.child(node, rf_functions);
    if (!expression(functions, level, with)) return false;
    // One in SQL may be taken apart by the planner like a sub-select.
    item.holds_protected = a_.fenced() && !computes_alone(functions);
    // A function without alias goes by its own name.
    const Ref first = tree.child(tree.child(functions, 0), 0);
    if (alias == kNone && tree.is(first, Kind::func_call))
      item.name = parts_of(tree, tree.child(first, f_name)).back();
  } else {
    for (std::size_t i = 0; i < tf_alias; ++i)
      if (!expression(tree.child(node, i), level, with)) return false;
  }
  if (alias != kNone) {
    const std::vector<std::string> names = parts_of(tree, tree.child(alias, a_columns));
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i < item.columns.names.size())
        item.columns.names[i] = names[i];
      else
        item.columns.names.push_back(names[i]);
    }
  }
  level.items.push_back(std::move(item));
  return true;
}

}  // namespace pgward::policy::sql
