// Which column rules hold for a relation: its own, those of parents and children, and for a view those of
// what it reads.
#include <algorithm>
#include <set>

#include "policy/sql/mask.h"
#include "policy/sql/parse.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr unsigned kViewDepthMax = 200;
constexpr unsigned kViewsInViewsMax = 16;

class Rules {
 public:
  Rules(const Role& role, const Catalog& catalog) : role_(role), catalog_(catalog) {}

  std::optional<ColumnRules> of(const Relation& relation, unsigned depth) const {
    ColumnRules rules;
    add(relation.name, rules);
    const bool view = relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
    if (!view) {
      relatives(relation, rules);
      return rules;
    }
    if (depth > kViewsInViewsMax || !of_view(relation, rules, depth)) return std::nullopt;
    return rules;
  }

 private:
  void add(const RelationName& name, ColumnRules& rules) const {
    const auto found = role_.columns.find(name);
    if (found == role_.columns.end()) return;
    for (const auto& [column, rule] : found->second) rules.emplace(column, &rule);
  }

  const Relation* by_oid(Oid oid) const {
    const auto name = catalog_.relation_by_oid.find(oid);
    return name == catalog_.relation_by_oid.end() ? nullptr : catalog_.find(name->second);
  }

  // A parent is read with its children, and a child belongs to its parent.
  void relatives(const Relation& relation, ColumnRules& rules) const {
    std::vector<const Relation*> line{&relation};
    for (std::size_t i = 0; i < line.size(); ++i)
      for (const Oid parent : line[i]->parents) {
        const Relation* found = by_oid(parent);
        if (found == nullptr || std::find(line.begin(), line.end(), found) != line.end()) continue;
        add(found->name, rules);
        line.push_back(found);
      }
    for (const auto& [name, columns] : role_.columns) {
      const Relation* ruled = catalog_.find(name);
      if (ruled != nullptr && descends(*ruled, relation)) add(name, rules);
    }
  }

  bool descends(const Relation& child, const Relation& ancestor) const {
    std::vector<const Relation*> line{&child};
    for (std::size_t i = 0; i < line.size(); ++i)
      for (const Oid parent : line[i]->parents) {
        if (parent == ancestor.oid) return true;
        const Relation* found = by_oid(parent);
        if (found != nullptr && std::find(line.begin(), line.end(), found) == line.end()) line.push_back(found);
      }
    return false;
  }

  // What the view reads: ruled columns by name, and by which of its relations.
  bool of_view(const Relation& view, ColumnRules& rules, unsigned depth) const {
    if (view.view_definition.empty()) return role_.columns.empty();
    const Parsed parsed = parse(view.view_definition, kViewDepthMax);
    if (parsed.refusal || parsed.tree.statements.size() != 1) return false;
    const Tree& tree = parsed.tree;
    ColumnRules read;
    std::set<std::string> relations;
    std::size_t named = 0;
    if (!collect(tree, tree.child(tree.statements.front(), 0), depth, read, relations, named)) return false;
    if (read.empty()) return true;
    const Ref select = tree.child(tree.statements.front(), 0);
    const Ref targets = tree.child(select, s_targets);
    if (tree.child(select, s_left) != kNone || tree.count(targets) != view.columns.size()) return false;
    std::size_t plain = 0;
    for (std::size_t i = 0; i < tree.count(targets); ++i) {
      const Ref value = tree.child(tree.child(targets, i), rt_value);
      if (!tree.is(value, Kind::column_ref)) continue;
      const std::vector<std::string> fields = parts_of(tree, tree.child(value, 0));
      const auto rule = fields.empty() ? read.end() : read.find(fields.back());
      if (rule == read.end()) continue;
      rules.emplace(view.columns[i].name, rule->second);
      ++plain;
    }
    return plain == occurrences(tree, select, read, relations);
  }

  bool collect(const Tree& tree, Ref root, unsigned depth, ColumnRules& read, std::set<std::string>& relations,
               std::size_t& named) const {
    std::vector<Ref> todo{root};
    while (!todo.empty()) {
      const Ref node = todo.back();
      todo.pop_back();
      if (node == kNone) continue;
      todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
      if (!tree.is(node, Kind::range_var)) continue;
      const Ref schema = tree.child(node, rv_schema);
      const std::string name(tree.text(node));
      const Relation* found = schema != kNone ? catalog_.find({std::string(tree.text(schema)), name})
                                              : catalog_.resolve(name, {"pg_catalog"});
      if (found == nullptr) continue;  // a WITH query
      const auto rules = of(*found, depth + 1);
      if (!rules) return false;
      const Ref alias = tree.child(node, rv_alias);
      if (rules->empty()) continue;
      if (alias != kNone && tree.child(alias, a_columns) != kNone) return false;
      relations.insert(std::string(tree.text(alias != kNone ? alias : node)));
      // One name, two rules: nobody can tell which is meant.
      for (const auto& [column, rule] : *rules)
        if (!read.emplace(column, rule).second) return false;
      ++named;
    }
    return true;
  }

  // Names of ruled columns anywhere in the view, whole rows included.
  static std::size_t occurrences(const Tree& tree, Ref root, const ColumnRules& read,
                                 const std::set<std::string>& relations) {
    std::size_t count = 0;
    std::vector<Ref> todo{root};
    while (!todo.empty()) {
      const Ref node = todo.back();
      todo.pop_back();
      if (node == kNone) continue;
      todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
      if (tree.is(node, Kind::join) && (tree.number(node) & kJoinNatural) != 0) return SIZE_MAX;
      if (tree.is(node, Kind::join))
        for (const std::string& name : parts_of(tree, tree.child(node, j_using)))
          if (read.contains(name)) return SIZE_MAX;
      if (!tree.is(node, Kind::column_ref)) continue;
      bool star = false;
      const std::vector<std::string> fields = parts_of(tree, tree.child(node, 0), &star);
      if (star || fields.empty() || relations.contains(fields.back())) return SIZE_MAX;
      if (read.contains(fields.back())) ++count;
    }
    return count;
  }

  const Role& role_;
  const Catalog& catalog_;
};

}  // namespace

std::optional<ColumnRules> column_rules(const Policy& policy, const Role& role, const Catalog& catalog,
                                        const Relation& relation) {
  std::optional<ColumnRules> rules = ColumnRules();
  if (!role.columns.empty()) rules = Rules(role, catalog).of(relation, 0);
  if (!role.bound && rules && !close_columns(policy, role, catalog, relation, *rules)) return std::nullopt;
  return rules;
}

}  // namespace pgward::policy::sql
