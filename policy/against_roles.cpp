// Roles without a tenant: what they name is there, and the database's own wall lets them see it.
#include <algorithm>

#include "policy/against_parts.h"
#include "policy/nearest.h"
#include "policy/row_security_sql.h"

namespace pgward::policy {
namespace {

void check_opened_columns(const Relation& relation, const OpenedTable& opened, Findings& findings) {
  std::vector<std::string> names;
  for (const Column& each : relation.columns) names.push_back(each.name);
  for (const std::string& column : opened.columns)
    if (relation.column(column) == nullptr)
      findings.error(opened.place, {.code = "column-unknown",
                                    .object = relation.name.text() + "." + column,
                                    .text = relation.name.sql() + " has no column '" + column + "'" +
                                            did_you_mean(column, names)});
  const bool view = relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
  if (view && opened.columns.empty())
    findings.error(opened.place, {.code = "role-view-columns",
                                  .object = relation.name.text(),
                                  .text = "the columns of view " + relation.name.sql() +
                                          " are opened to a role without a tenant by name only",
                                  .advice = "write a list of columns"});
}

// Without a policy of its own the role sees no row: safe, but hardly meant.
void check_wall(const TableRule& rule, const Relation& relation, const std::string& role, const OpenedTable& opened,
                Findings& findings) {
  if (rule.kind != TableKind::tenant || !relation.row_security) return;
  const auto& policies = relation.row_policies;
  const bool restricted = std::any_of(policies.begin(), policies.end(), [](const RowPolicy& each) {
    return !each.permissive && (each.command == '*' || each.command == 'r');
  });
  const bool opens = std::any_of(policies.begin(), policies.end(), [&](const RowPolicy& each) {
    return each.permissive && each.command == 'r' && each.using_expr == role_condition_shown(role);
  });
  if (opens && !restricted) return;
  findings.warning(opened.place,
                   {.code = "role-sees-nothing",
                    .object = rule.name.text(),
                    .text = "row-level security of " + rule.name.sql() + " shows role '" + role + "' no row",
                    .advice = restricted ? "its restrictive policies hold for that role too: let them read " +
                                               std::string(kRoleSetting) + " as well"
                                         : "pgward ddl writes the policy"});
}

}  // namespace

void check_roles(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [role_name, role] : policy.roles)
    for (const auto& [table, opened] : role.opens) {
      const Relation* relation = catalog.find(table);
      const auto rule = policy.tables.find(table);
      if (relation == nullptr || rule == policy.tables.end()) continue;  // told of by check_names()
      check_opened_columns(*relation, opened, findings);
      if (policy.mode == Mode::rls_and_predicate) check_wall(rule->second, *relation, role_name, opened, findings);
    }
}

}  // namespace pgward::policy
