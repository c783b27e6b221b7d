// Column rules of roles: a rule that fits no column would protect nothing, and nobody would notice.
#include <algorithm>

#include "policy/against_parts.h"
#include "policy/nearest.h"
#include "policy/sql/mask.h"

namespace pgward::policy {
namespace {

std::string shown(const RelationName& table, const std::string& column) {
  return table.sql() + "." + quote_identifier(column);
}

void check_function(const Policy& policy, const Catalog& catalog, const ColumnRule& rule, Findings& findings) {
  if (rule.mask != Mask::hash) return;
  const auto [from, to] = catalog.functions.equal_range(rule.function.name);
  const bool known =
      std::any_of(from, to, [&](const auto& each) { return each.second.name == rule.function; });
  if (!known)
    findings.error(rule.place, {.code = "mask-function-unknown",
                                .object = rule.function.text(),
                                .text = "the database has no function " + rule.function.sql() + " to mask with"});
  if (policy.functions.contains(rule.function))
    findings.warning(rule.place,
                     {.code = "mask-function-open",
                      .object = rule.function.text(),
                      .text = "function " + rule.function.sql() +
                              " masks a column and may be called by everybody, who can then try values",
                      .advice = "take it out of 'functions: allow'"});
}

void check_rule(const Policy& policy, const Catalog& catalog, const Relation& relation, const std::string& name,
                const ColumnRule& rule, Findings& findings) {
  const Column* column = relation.column(name);
  if (column == nullptr) {
    std::vector<std::string> names;
    for (const Column& each : relation.columns) names.push_back(each.name);
    findings.error(rule.place, {.code = "column-unknown",
                                .object = relation.name.text() + "." + name,
                                .text = relation.name.sql() + " has no column '" + name + "'" +
                                        did_you_mean(name, names)});
    return;
  }
  if (!sql::mask_fits(rule, column->type))
    findings.error(rule.place, {.code = "mask-type",
                                .object = relation.name.text() + "." + name,
                                .text = "a column of type " + column->type + " cannot be masked so",
                                .advice = "last4 and hash are for text; use 'mask: null', or 'mask: constant' "
                                          "with a 'value' of that type"});
  const TableRule* table = rule_for(policy, catalog, relation);
  const bool tenant = table != nullptr && std::any_of(table->tenant.begin(), table->tenant.end(),
                                                      [&](const TenantColumn& each) { return each.column == name; });
  if (tenant)
    findings.error(rule.place, {.code = "mask-tenant",
                                .object = relation.name.text() + "." + name,
                                .text = shown(relation.name, name) +
                                        " is the tenant column: every statement must be able to name it",
                                .advice = "take the rule out; a session sees one value in it"});
  check_function(policy, catalog, rule, findings);
}

}  // namespace

void check_columns(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [role_name, role] : policy.roles)
    for (const auto& [table, rules] : role.columns) {
      const Relation* relation = catalog.find(table);
      for (const auto& [column, rule] : rules) {
        if (relation != nullptr) {
          check_rule(policy, catalog, *relation, column, rule, findings);
          continue;
        }
        findings.error(rule.place, {.code = "table-unknown",
                                    .object = table.text(),
                                    .text = "the database has no table or view " + table.sql()});
      }
    }
}

}  // namespace pgward::policy
