// The second wall: the database's own row-level security, bound to the setting that pgward locks.
#include <algorithm>
#include <array>

#include "policy/against_parts.h"
#include "policy/ascii.h"

namespace pgward::policy {
namespace {

struct Command {
  char code;  // pg_policy.polcmd
  const char* name;
  bool uses_using;  // rows that are there
  bool uses_check;  // rows that are written
};
constexpr std::array kCommands{Command{'r', "SELECT", true, false}, Command{'a', "INSERT", false, true},
                               Command{'w', "UPDATE", true, true}, Command{'d', "DELETE", true, false}};

bool reads(const RowPolicy& row_policy, const Command& command, std::string_view setting) {
  const std::string& check = row_policy.check_expr.empty() ? row_policy.using_expr : row_policy.check_expr;
  return (!command.uses_using || reads_setting(row_policy.using_expr, setting)) &&
         (!command.uses_check || reads_setting(check, setting));
}

// Nothing when the rows of this command are bound to the setting, else a policy that opens them. One
// restrictive policy that reads it is enough; of the permissive ones, each must, since any of them opens.
const RowPolicy* opens(const Relation& relation, const Command& command, std::string_view setting) {
  const RowPolicy* opening = nullptr;
  for (const RowPolicy& row_policy : relation.row_policies) {
    if (row_policy.command != '*' && row_policy.command != command.code) continue;
    const bool bound = reads(row_policy, command, setting);
    if (!row_policy.permissive && bound) return nullptr;
    if (row_policy.permissive && !bound && opening == nullptr) opening = &row_policy;
  }
  return opening;
}

void check_policies(const TableRule& rule, const Relation& relation, const TenantAttribute& attribute,
                    Findings& findings) {
  std::string commands;
  std::string opening;
  for (const Command& command : kCommands) {
    const RowPolicy* found = opens(relation, command, attribute.setting);
    if (found == nullptr) continue;
    commands += (commands.empty() ? "" : ", ") + std::string(command.name);
    if (opening.empty()) opening = found->name;
  }
  if (!commands.empty())
    findings.error(rule.place,
                   "row-level security of " + rule.name.sql() + " does not bind " + commands + " to " +
                       attribute.setting + ": policy " + quote_identifier(opening) +
                       " opens rows without reading it; put current_setting('" + attribute.setting +
                       "', true) into its USING and WITH CHECK (functions called there are not looked into)");
}

void check_table(const TableRule& rule, const Relation& relation, const Policy& policy, Findings& findings) {
  const std::string name = rule.name.sql();
  if (relation.kind == RelationKind::foreign_table) {
    findings.warning(
        rule.place,
        name + " is a foreign table and has no row-level security here: only the predicate protects it");
    return;
  }
  if (!relation.row_security)
    findings.error(rule.place,
                   name + " has no row-level security; ALTER TABLE " + name +
                       " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, or use mode: predicate");
  else if (!relation.force_row_security)
    findings.error(rule.place, "row-level security of " + name +
                                   " does not hold for its owner; ALTER TABLE " + name +
                                   " FORCE ROW LEVEL SECURITY");
  if (!relation.row_security) return;
  const bool any_permissive = std::any_of(relation.row_policies.begin(), relation.row_policies.end(),
                                          [](const RowPolicy& row_policy) { return row_policy.permissive; });
  if (!any_permissive)
    findings.error(rule.place, "no row-level security policy of " + name +
                                   " lets the upstream user see a row; "
                                   "CREATE POLICY .. ON " +
                                   name + " USING (.. current_setting(..))");
  for (const TenantColumn& column : rule.tenant)
    if (const TenantAttribute* attribute = policy.attribute(column.attribute))
      check_policies(rule, relation, *attribute, findings);
}

// A view is read with the rights of its owner unless it says otherwise.
void check_view(const TableRule& rule, const Relation& relation, const Catalog& catalog, Findings& findings) {
  if (relation.kind == RelationKind::materialized_view) {
    findings.warning(
        rule.place,
        rule.name.sql() +
            " is a materialized view and has no row-level security: only the predicate protects it");
  } else if (!relation.security_invoker && catalog.bypassing_roles.contains(relation.owner)) {
    findings.warning(rule.place, "the owner of view " + rule.name.sql() +
                                     " bypasses row-level security: only the predicate protects it; "
                                     "ALTER VIEW " +
                                     rule.name.sql() +
                                     " SET (security_invoker = true), or OWNER TO another role");
  }
}

}  // namespace

bool reads_setting(std::string_view expression, std::string_view setting) {
  // pg_get_expr() writes every call the same way; only the name of the setting may be in capitals.
  return lowered(expression).find("current_setting('" + lowered(setting) + "'") != std::string::npos;
}

void check_row_security(const Policy& policy, const Catalog& catalog, Findings& findings) {
  bool counts_on_it = false;
  for (const auto& [name, rule] : policy.tables) {
    const Relation* relation = catalog.find(name);
    if (rule.kind != TableKind::tenant || relation == nullptr) continue;
    counts_on_it = true;
    if (relation->kind == RelationKind::view || relation->kind == RelationKind::materialized_view)
      check_view(rule, *relation, catalog, findings);
    else
      check_table(rule, *relation, policy, findings);
  }
  if (counts_on_it && catalog.upstream_bypasses_rls)
    findings.error(policy.tenant.empty() ? Place{} : policy.tenant.front().place,
                   "the upstream user " + quote_identifier(catalog.upstream_user) +
                       " bypasses row-level security; "
                       "use one that is no superuser and has NOBYPASSRLS, or mode: predicate");
}

}  // namespace pgward::policy
