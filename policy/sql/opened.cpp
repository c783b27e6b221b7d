// What a role without a tenant sees: the relations that it names, and of those the columns that it names, or all
// that nobody calls PHI. Every other column has the rule of one that may not be named.
#include <algorithm>
#include <set>

#include "policy/sql/mask.h"

namespace pgward::policy::sql {
namespace {

// The relation and its ancestors, nearest first.
std::vector<const Relation*> line_of(const Catalog& catalog, const Relation& relation) {
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size(); ++i)
    for (const Oid parent : line[i]->parents) {
      const Relation* found = catalog.find(parent);
      if (found != nullptr && std::find(line.begin(), line.end(), found) == line.end()) line.push_back(found);
    }
  return line;
}

struct Opening {
  const OpenedTable* table = nullptr;
  const Relation* of = nullptr;  // the relation itself, or the nearest parent that is named
};

Opening opening_of(const Role& role, const Catalog& catalog, const Relation& relation) {
  for (const Relation* each : line_of(catalog, relation))
    if (const auto found = role.opens.find(each->name); found != role.opens.end()) return {&found->second, each};
  return {};
}

}  // namespace

const ColumnRule kClosedColumn{};

std::vector<const TableRule*> rules_around(const Policy& policy, const Catalog& catalog, const Relation& relation) {
  std::vector<const TableRule*> rules;
  const std::vector<const Relation*> line = line_of(catalog, relation);
  for (const auto& [name, rule] : policy.tables) {
    const Relation* ruled = catalog.find(name);
    if (ruled == nullptr) continue;
    const std::vector<const Relation*> above = line_of(catalog, *ruled);
    if (std::find(line.begin(), line.end(), ruled) != line.end() ||
        std::find(above.begin(), above.end(), &relation) != above.end())
      rules.push_back(&rule);
  }
  return rules;
}

bool names_column(const TableRule& rule, const std::string& column) {
  const auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), column) != list.end();
  };
  const bool tenant = std::any_of(rule.tenant.begin(), rule.tenant.end(),
                                  [&](const TenantColumn& each) { return each.column == column; });
  return tenant || rule.phi.contains(column) || in(rule.record) || in(rule.subject);
}

bool opened(const Role& role, const Catalog& catalog, const Relation& relation) {
  return opening_of(role, catalog, relation).table != nullptr;
}

bool close_columns(const Policy& policy, const Role& role, const Catalog& catalog, const Relation& relation,
                   ColumnRules& rules) {
  const Opening opening = opening_of(role, catalog, relation);
  if (opening.table == nullptr) return false;
  const std::set<std::string>& named = opening.table->columns;
  // What a view makes of its tables' columns is not looked into: its own are opened by name.
  const bool view = relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
  if (view && named.empty()) return false;
  const std::vector<const TableRule*> around = rules_around(policy, catalog, relation);
  for (const Column& column : relation.columns) {
    const bool is_phi = std::any_of(around.begin(), around.end(), [&](const TableRule* rule) {
      return rule->phi_kind(column.name) != nullptr;
    });
    // What a child has on top of its parent, nobody had in mind.
    const bool inherited = opening.of->column(column.name) != nullptr;
    if (named.empty() ? inherited && !is_phi : named.contains(column.name)) continue;
    rules.emplace(column.name, &kClosedColumn);
  }
  return true;
}

}  // namespace pgward::policy::sql
