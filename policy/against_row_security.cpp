// The second wall: the database's own row-level security, bound to the setting that pgward locks.
#include <algorithm>
#include <array>

#include "policy/against_parts.h"
#include "policy/ascii.h"
#include "policy/row_security_sql.h"

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

// What opens a table to a role that the policy says has no tenant and sees it: as pgward ddl writes it, and
// nothing else.
bool opens_to_role(const Policy& policy, const RelationName& table, const RowPolicy& row_policy) {
  return row_policy.permissive && row_policy.command == 'r' &&
         std::any_of(policy.roles.begin(), policy.roles.end(), [&](const auto& role) {
           return !role.second.bound && role.second.opens.contains(table) &&
                  row_policy.using_expr == role_condition_shown(role.first);
         });
}

// Nothing when the rows of this command are bound to the setting, else a policy that opens them. One
// restrictive policy that reads it is enough; of the permissive ones, each must, since any of them opens.
const RowPolicy* opens(const Policy& policy, const RelationName& table, const Relation& relation, const Command& command,
                       std::string_view setting) {
  const RowPolicy* opening = nullptr;
  for (const RowPolicy& row_policy : relation.row_policies) {
    if (row_policy.command != '*' && row_policy.command != command.code) continue;
    const bool bound = reads(row_policy, command, setting);
    if (!row_policy.permissive && bound) return nullptr;
    if (row_policy.permissive && !bound && opening == nullptr && !opens_to_role(policy, table, row_policy))
      opening = &row_policy;
  }
  return opening;
}

void check_policies(const Policy& policy, const TableRule& rule, const Relation& relation, const TenantAttribute& attribute,
                    Findings& findings) {
  std::string commands;
  std::string opening;
  for (const Command& command : kCommands) {
    const RowPolicy* found = opens(policy, rule.name, relation, command, attribute.setting);
    if (found == nullptr) continue;
    commands += (commands.empty() ? "" : ", ") + std::string(command.name);
    if (opening.empty()) opening = found->name;
  }
  if (!commands.empty())
    findings.error(
        rule.place,
        {.code = "rls-opens",
         .object = rule.name.text(),
         .text = "row-level security of " + rule.name.sql() + " does not bind " + commands + " to " +
                 attribute.setting + ": policy " + quote_identifier(opening) +
                 " opens rows without reading it",
         .advice = "put current_setting('" + attribute.setting +
                   "', true) into its USING and WITH CHECK (functions called there are not looked into)"});
}

bool all_reads_in_nullif(const std::string& expression, std::string_view setting) {
  const std::string text = lowered(expression);
  const std::string call = "current_setting('" + lowered(setting) + "'";
  constexpr std::string_view kGuard = "nullif(";
  for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1))
    if (at < kGuard.size() || text.compare(at - kGuard.size(), kGuard.size(), kGuard) != 0) return false;
  return true;
}

// Slips in policies that read the setting: they hold, but not in every hour or not for every row.
void check_expressions(const TableRule& rule, const Relation& relation, const TenantAttribute& attribute,
                       Findings& findings) {
  for (const RowPolicy& row_policy : relation.row_policies) {
    const std::string who = "policy " + quote_identifier(row_policy.name) + " of " + rule.name.sql();
    for (const std::string* text : {&row_policy.using_expr, &row_policy.check_expr})
      if (!all_reads_in_nullif(*text, attribute.setting)) {
        findings.warning(
            rule.place,
            {.code = "rls-nullif",
             .object = rule.name.text(),
             .text =
                 who + " reads " + attribute.setting +
                 " without NULLIF: once a transaction has set it locally, an unset setting reads as an empty "
                 "text and not as NULL",
             .advice = "write NULLIF(current_setting('" + attribute.setting + "', true), '')"});
        break;
      }
    for (const std::string* text : {&row_policy.using_expr, &row_policy.check_expr})
      if (row_policy.permissive && reads_setting(*text, attribute.setting) &&
          text->find(" OR ") != std::string::npos) {
        findings.warning(rule.place, {.code = "rls-or",
                                      .object = rule.name.text(),
                                      .text = who + " has an OR beside " + attribute.setting +
                                              ": its other arm may open rows of other tenants",
                                      .advice = "put the other condition into a policy AS RESTRICTIVE"});
        break;
      }
  }
}

void check_presence(const TableRule& rule, const Relation& relation, Findings& findings) {
  const std::string name = rule.name.sql();
  if (!relation.row_security)
    findings.error(rule.place,
                   {.code = "rls-missing",
                    .object = rule.name.text(),
                    .text = name + " has no row-level security (or use mode: predicate)",
                    .sql = "ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"});
  else if (!relation.force_row_security)
    findings.error(rule.place, {.code = "rls-not-forced",
                                .object = rule.name.text(),
                                .text = "row-level security of " + name + " does not hold for its owner",
                                .sql = "ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY"});
  if (!relation.row_security) return;
  const bool any_permissive = std::any_of(relation.row_policies.begin(), relation.row_policies.end(),
                                          [](const RowPolicy& row_policy) { return row_policy.permissive; });
  if (!any_permissive)
    findings.error(
        rule.place,
        {.code = "rls-no-policy",
         .object = rule.name.text(),
         .text = "no row-level security policy of " + name + " lets the upstream user see a row",
         .advice = "CREATE POLICY .. ON " + name + " USING (.. current_setting(..)); pgward ddl writes it"});
}

void check_table(const TableRule& rule, const Relation& relation, const Policy& policy, Findings& findings) {
  if (relation.kind == RelationKind::foreign_table) {
    findings.warning(rule.place, {.code = "rls-foreign-table",
                                  .object = rule.name.text(),
                                  .text = rule.name.sql() +
                                          " is a foreign table and has no row-level security here: only the "
                                          "predicate protects it"});
    return;
  }
  check_presence(rule, relation, findings);
  if (!relation.row_security) return;
  for (const TenantColumn& column : rule.tenant)
    if (const TenantAttribute* attribute = policy.attribute(column.attribute)) {
      check_policies(policy, rule, relation, *attribute, findings);
      check_expressions(rule, relation, *attribute, findings);
    }
}

// A view is read with the rights of its owner unless it says otherwise.
void check_view(const TableRule& rule, const Relation& relation, const Catalog& catalog, Findings& findings) {
  if (relation.kind == RelationKind::materialized_view) {
    findings.warning(rule.place, {.code = "rls-materialized-view",
                                  .object = rule.name.text(),
                                  .text = rule.name.sql() +
                                          " is a materialized view and has no row-level security: only the "
                                          "predicate protects it"});
  } else if (!relation.security_invoker && catalog.bypassing_roles.contains(relation.owner)) {
    const bool can_invoke = catalog.server_version_num == 0 || catalog.server_version_num >= 150000;
    Finding finding{
        .code = "view-bypasses-rls",
        .object = rule.name.text(),
        .text = "the owner of view " + rule.name.sql() +
                " bypasses row-level security: only the predicate protects it (or give it to an owner "
                "who does not)"};
    if (can_invoke)
      finding.sql = "ALTER VIEW " + rule.name.sql() + " SET (security_invoker = true)";
    else
      finding.advice = "ALTER VIEW " + rule.name.sql() + " OWNER TO another role";
    findings.warning(rule.place, std::move(finding));
  }
}

}  // namespace

bool reads_setting(std::string_view expression, std::string_view setting) {
  // pg_get_expr() writes every call the same way; only the name of the setting may be in capitals.
  return lowered(expression).find("current_setting('" + lowered(setting) + "'") != std::string::npos;
}

void check_row_security(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [name, rule] : policy.tables) {
    const Relation* relation = catalog.find(name);
    if (rule.kind != TableKind::tenant || relation == nullptr) continue;
    if (relation->kind == RelationKind::view || relation->kind == RelationKind::materialized_view)
      check_view(rule, *relation, catalog, findings);
    else
      check_table(rule, *relation, policy, findings);
  }
}

}  // namespace pgward::policy
