#include "policy/sql/fence_meaning.h"

#include <algorithm>

#include "policy/sql/parse.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr unsigned kViewDepthMax = 200;

ColumnFact system_fact(std::string_view name) {
  if (name == "tableoid") return {"oid", true};
  return {name == "ctid" ? "tid" : name.starts_with("x") ? "xid" : "cid", true};
}

bool tables_only(const Tree& tree, const Catalog& catalog, Ref node) {
  switch (tree.kind(node)) {
    case Kind::list:
    case Kind::join:
      for (std::size_t i = 0; i < tree.count(node); ++i) {
        const Ref item = tree.child(node, i);
        const bool part = tree.is(node, Kind::list) || i == j_left || i == j_right;
        if (part && item != kNone && !tables_only(tree, catalog, item)) return false;
      }
      return true;
    case Kind::range_var: {
      const std::string schema(tree.text(tree.child(node, rv_schema)));
      const std::string name(tree.text(node));
      const Relation* found = tree.child(node, rv_schema) != kNone
                                  ? catalog.find({schema, name})
                                  : catalog.resolve(name, catalog.default_search_path);
      return found != nullptr &&
             (found->kind == RelationKind::table || found->kind == RelationKind::partitioned_table);
    }
    default:
      return false;
  }
}

// Which columns of a view are stored ones of tables. The others are computed, and the planner may compute
// them for any row.
std::vector<bool> plain_in_view(const Catalog& catalog, const Relation& view) {
  std::vector<bool> plain(view.columns.size(), false);
  const Parsed parsed = parse(view.view_definition, kViewDepthMax);
  if (parsed.refusal || parsed.tree.statements.size() != 1) return plain;
  const Tree& tree = parsed.tree;
  const Ref select = tree.child(tree.statements.front(), 0);
  if (!tree.is(select, Kind::select) || tree.child(select, s_left) != kNone ||
      tree.child(select, s_from) == kNone || !tables_only(tree, catalog, tree.child(select, s_from)))
    return plain;
  const Ref targets = tree.child(select, s_targets);
  if (tree.count(targets) != plain.size()) return plain;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const Ref value = tree.child(tree.child(targets, i), rt_value);
    bool star = false;
    plain[i] = tree.is(value, Kind::column_ref) && !parts_of(tree, tree.child(value, 0), &star).empty() && !star;
  }
  return plain;
}

}  // namespace

bool is_system_column(std::string_view name) {
  for (const std::string_view system : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
    if (name == system) return true;
  return false;
}

std::vector<ColumnFact> stored_columns(const Analysis& analysis, const Relation& relation) {
  std::vector<ColumnFact> facts;
  std::vector<bool> plain(relation.columns.size(), relation.kind != RelationKind::view);
  if (relation.kind == RelationKind::view && !relation.view_definition.empty())
    plain = plain_in_view(analysis.catalog, relation);
  for (std::size_t i = 0; i < relation.columns.size(); ++i)
    facts.push_back({comparable_type(relation.columns[i].type), plain[i]});
  return facts;
}

ColumnFact fact_of(const FromItem& item, std::string_view name) {
  for (std::size_t i = 0; i < item.columns.names.size(); ++i)
    if (item.columns.names[i] == name) return item.columns.fact(i);
  return is_system_column(name) && item.protection != nullptr ? system_fact(name) : ColumnFact{};
}

ColumnFact LevelMeaning::column(Ref column_ref) const {
  bool star = false;
  const std::vector<std::string> fields = parts_of(tree_, tree_.child(column_ref, 0), &star);
  if (star || fields.empty()) return {};
  const std::vector<Resolved> found = resolve_column(&level_, fields, false);
  if (found.empty()) return fields.size() == 1 && is_system_column(fields[0]) ? system_fact(fields[0]) : ColumnFact{};
  ColumnFact all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].whole_row) return {};
    const FromItem& item = *found[i].item;
    // A function in FROM hands out values of its own.
    const bool value = item.made_of == kNone && item.protection == nullptr && !item.join_alias;
    const ColumnFact one = value && !item.holds_protected ? ColumnFact{{}, true} : fact_of(item, fields.back());
    if (i > 0 && one != all) return {};
    all = one;
  }
  return all;
}

std::vector<ColumnFact> LevelMeaning::outputs(Ref sublink) const {
  const auto found = seen_.outputs.find(sublink);
  return found == seen_.outputs.end() ? std::vector<ColumnFact>() : found->second;
}

bool LevelMeaning::outwards(const Level* level) const {
  for (const Level* each = &level_; each != nullptr; each = each->outer)
    if (each == level) return true;
  return false;
}

bool LevelMeaning::correlated_outside(Ref query, Ref left_out) const {
  std::vector<Ref> todo{query};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone || (node == left_out && left_out != kNone)) continue;
    const auto found = seen_.correlated.find(node);
    if (found != seen_.correlated.end() && outwards(found->second)) return true;
    todo.insert(todo.end(), tree_.children(node).begin(), tree_.children(node).end());
  }
  return false;
}

bool LevelMeaning::correlated(Ref sublink) const {
  return seen_.leaky_sublinks.contains(sublink) || correlated_outside(tree_.child(sublink, sl_query), kNone);
}

bool LevelMeaning::correlated_in_where_only(Ref sublink) const {
  const Ref query = tree_.child(sublink, sl_query);
  return !seen_.leaky_sublinks.contains(sublink) && !correlated_outside(query, tree_.child(query, s_where));
}

}  // namespace pgward::policy::sql
