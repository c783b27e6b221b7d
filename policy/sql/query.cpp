#include "policy/sql/query.h"

#include "policy/sql/dml.h"
#include "policy/sql/fence.h"
#include "policy/sql/fence_meaning.h"
#include "policy/sql/functions.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

std::string output_name(const Tree& tree, Ref value) {
  if (tree.is(value, Kind::column_ref)) {
    bool star = false;
    const std::vector<std::string> fields = parts_of(tree, tree.child(value, 0), &star);
    return star || fields.empty() ? std::string() : fields.back();
  }
  if (tree.is(value, Kind::func_call)) return parts_of(tree, tree.child(value, f_name)).back();
  if (tree.is(value, Kind::type_cast)) return output_name(tree, tree.child(value, tc_arg));
  return "?column?";
}

}  // namespace

std::vector<std::string> parts_of(const Tree& tree, Ref list, bool* star) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < tree.count(list); ++i) {
    const Ref item = tree.child(list, i);
    if (tree.is(item, Kind::string)) parts.emplace_back(tree.text(item));
    if (tree.is(item, Kind::star) && star != nullptr) *star = true;
  }
  return parts;
}

bool QueryWalk::query(Ref node, const Level* outer, const WithScope* with, Columns& out) {
  switch (a_.tree.kind(node)) {
    case Kind::select:
      return select(node, outer, with, out);
    case Kind::insert:
    case Kind::update:
    case Kind::delete_:
      return walk_dml(*this, node, with, out);
    default:
      return a_.refuse(Refusal::not_supported);
  }
}

bool QueryWalk::select(Ref node, const Level* outer, const WithScope* with, Columns& out) {
  const Tree& tree = a_.tree;
  const bool reads =
      tree.child(node, s_values) == kNone;  // VALUES alone reads nothing; sub-queries in it come here anew
  if (reads && !a_.may(StatementClass::select))
    return a_.refuse(Refusal::statement_not_allowed, {}, a_.question.role.place);
  WithScope scope;
  scope.outer = with;
  if (!with_clause(tree.child(node, s_with), outer, scope)) return false;
  if (tree.child(node, s_left) == kNone) return leaf(node, outer, &scope, out);

  Columns right;
  if (!select(tree.child(node, s_left), outer, &scope, out)) return false;
  if (!select(tree.child(node, s_right), outer, &scope, right)) return false;
  for (std::size_t i = 0; i < out.facts.size(); ++i)
    if (out.facts[i] != right.fact(i)) out.facts[i] = {};
  Level level;  // ORDER BY and LIMIT of a set operation see its output columns only
  level.outer = outer;
  for (const Select part : {s_order, s_offset, s_count})
    if (!expression(tree.child(node, part), level, &scope)) return false;
  return true;
}

bool QueryWalk::leaf(Ref node, const Level* outer, const WithScope* with, Columns& out) {
  const Tree& tree = a_.tree;
  Level level;
  level.outer = outer;
  if (!from_list(tree.child(node, s_from), level, with)) return false;
  if (a_.masks()) {
    leave_output_names(tree.child(node, s_order), tree.child(node, s_targets));
    leave_output_names(tree.child(node, s_distinct), tree.child(node, s_targets));
  }
  if (!output_list(node, s_targets, level, with)) return false;
  for (const Select part :
       {s_distinct, s_where, s_group, s_having, s_windows, s_values, s_order, s_offset, s_count})
    if (!expression(tree.child(node, part), level, with)) return false;
  out = output_of(tree.child(node, s_targets), level);
  if (tree.child(node, s_values) != kNone) {
    const std::size_t width = tree.count(tree.child(tree.child(node, s_values), 0));
    for (std::size_t i = 1; i <= width; ++i) out.names.push_back("column" + std::to_string(i));
  }
  if (watched.contains(node) && !on_watched(node, level)) return false;
  if (!name_records(node, s_targets, level, out)) return false;
  a_.keys.level(a_, level, tree.child(node, s_where));
  return protect_level(level, node, s_where, tree.child(node, s_from), false);
}

// What a column of the output can tell when a condition of an outer level is pushed down to it.
ColumnFact QueryWalk::output_fact(Ref value, const Level& level) {
  const Tree& tree = a_.tree;
  if (tree.is(value, Kind::column_ref)) return LevelMeaning(tree, seen, level).column(value);
  if (tree.is(value, Kind::constant)) {
    const Ref text = tree.child(value, 0);
    if (tree.is(text, Kind::string)) return {"text", true};
    return tree.is(text, Kind::integer) ? ColumnFact{"integer", true} : ColumnFact{};
  }
  if (!tree.is(value, Kind::func_call)) return {};
  // Aggregates and window functions see chosen rows only, and so does a condition on them.
  const std::vector<std::string> name = parts_of(tree, tree.child(value, f_name));
  const auto [from, to] = a_.catalog.functions.equal_range(name.back());
  for (auto it = from; it != to; ++it)
    if (it->second.kind == 'f' || it->second.kind == 'p') return {};
  bool counts = false;
  for (const std::string_view each : {"count", "row_number", "rank", "dense_rank"})
    counts = counts || name.back() == each;
  return from == to ? ColumnFact{} : ColumnFact{counts ? "bigint" : "", true};
}

Columns QueryWalk::output_of(Ref targets, const Level& level) {
  const Tree& tree = a_.tree;
  Columns out;
  out.complete = true;
  // A star under USING or NATURAL puts the shared columns first and once.
  bool facts = a_.fenced();
  for (const FromItem& item : level.items)
    for (const JoinStep& step : item.path)
      facts = facts && tree.child(step.join, j_using) == kNone && (tree.number(step.join) & kJoinNatural) == 0;
  for (std::size_t i = 0; i < tree.count(targets); ++i) {
    const Ref target = tree.child(targets, i);
    const Ref value = tree.child(target, rt_value);
    bool star = false;
    std::vector<std::string> fields;
    if (tree.is(value, Kind::column_ref)) fields = parts_of(tree, tree.child(value, 0), &star);
    if (!star) {
      const bool named = !tree.text(target).empty();
      out.names.push_back(named ? std::string(tree.text(target)) : output_name(tree, value));
      if (facts && out.complete) out.facts.push_back(output_fact(value, level));
      if (!named && tree.is(value, Kind::indirection)) out.complete = false;
      continue;
    }
    for (const Resolved& resolved : resolve_column(&level, fields, true)) {
      const Columns& columns = resolved.item->columns;
      if (facts && out.complete)
        for (std::size_t k = 0; k < columns.names.size(); ++k) out.facts.push_back(columns.fact(k));
      out.names.insert(out.names.end(), columns.names.begin(), columns.names.end());
      out.complete = out.complete && columns.complete;
    }
  }
  return out;
}

bool QueryWalk::returning(Ref owner, std::size_t index, const Level& level, const WithScope* with, Columns& out) {
  if (!output_list(owner, index, level, with)) return false;
  out = output_of(a_.tree.child(owner, index), level);
  return name_records(owner, index, level, out);
}

// Which of its neighbours a WITH query sees, and from where on it is seen itself (manual, "WITH
// Queries"): without RECURSIVE only those before it; with RECURSIVE all of them and itself.
bool QueryWalk::with_clause(Ref node, const Level* outer, WithScope& scope) {
  const Tree& tree = a_.tree;
  if (node == kNone) return true;
  const Ref ctes = tree.child(node, w_ctes);
  const bool recursive = tree.number(node) != 0;
  if (recursive)
    for (std::size_t i = 0; i < tree.count(ctes); ++i)
      scope.queries.push_back({std::string(tree.text(tree.child(ctes, i))), {}, tree.child(ctes, i), true});
  for (std::size_t i = 0; i < tree.count(ctes); ++i) {
    const Ref cte = tree.child(ctes, i);
    Columns columns;
    const std::size_t before = seen.protected_items + seen.leaks_outward;
    if (!query(tree.child(cte, c_query), outer, &scope, columns)) return false;
    const bool protects = seen.protected_items + seen.leaks_outward != before;
    const std::vector<std::string> aliases = parts_of(tree, tree.child(cte, c_columns));
    for (std::size_t k = 0; k < aliases.size() && k < columns.names.size(); ++k)
      columns.names[k] = aliases[k];
    if (aliases.size() > columns.names.size()) columns.names = aliases;
    // What a query says of its own rows is not known while they are being made.
    if (recursive) columns.facts.clear();
    // SEARCH and CYCLE add columns of their own.
    if (tree.child(cte, c_search) != kNone || tree.child(cte, c_cycle) != kNone) columns.complete = false;
    if (recursive)
      scope.queries[i].columns = std::move(columns);
    else
      scope.queries.push_back({std::string(tree.text(cte)), std::move(columns), cte, protects});
  }
  return true;
}

bool QueryWalk::target(Ref node, char action, FromItem& item) {
  const Tree& tree = a_.tree;
  const Relation* relation = resolve_relation(a_, node);
  if (relation == nullptr) return false;
  item.protection = protection_for(a_, *relation, action, (tree.number(node) & 255) != 0);
  if (item.protection == nullptr) return false;
  const Ref alias = tree.child(node, rv_alias);
  item.node = node;
  a_.keys.reference(node, *item.protection);
  item.aliased = alias != kNone;
  item.name = alias != kNone ? std::string(tree.text(alias)) : relation->name.name;
  for (const Column& column : relation->columns) item.columns.names.push_back(column.name);
  item.columns.complete = !relation->columns.empty();  // of a temporary table: not known
  if (a_.fenced()) item.columns.facts = stored_columns(a_, *relation);
  a_.touch(*item.protection, action, {});
  a_.facts.writes = true;
  return true;
}

}  // namespace pgward::policy::sql
