// A table that carries a tenant column and that nobody listed: refused for now, and likely forgotten.
#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

const TenantColumn* same_column(const Policy& policy, const Relation& relation) {
  for (const auto& [name, rule] : policy.tables) {
    if (rule.kind != TableKind::tenant) continue;
    for (const TenantColumn& column : rule.tenant)
      if (relation.column(column.column) != nullptr) return &column;
  }
  return nullptr;
}

}  // namespace

void check_unlisted(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [name, relation] : catalog.relations) {
    const bool counts = relation.kind == RelationKind::table ||
                        relation.kind == RelationKind::partitioned_table ||
                        relation.kind == RelationKind::foreign_table;
    if (!counts || belongs_to_server(name.schema) || rule_for(policy, catalog, relation) != nullptr) continue;
    if (const TenantColumn* column = same_column(policy, relation))
      findings.warning(database_place(catalog),
                       {.code = "table-unlisted",
                        .object = name.text(),
                        .text = "table " + name.sql() + " has a column " + quote_identifier(column->column) +
                                " like the tables of tenants, but the policy does not name it: it is refused",
                        .advice = "list it: " + name.sql() + ": {tenant: " + column->column + "}"});
  }
}

}  // namespace pgward::policy
