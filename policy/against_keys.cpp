// Indexes that the predicate wants, and keys that reach from one tenant to another: a violation tells that a
// row is there, row-level security or not.
#include <algorithm>

#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

bool is_table(const Relation& relation) {
  return relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_index(const Survey& survey, const Relation& relation, const TableRule& rule, Findings& findings) {
  for (const TenantColumn& column : rule.tenant)
    if (relation.column(column.column) != nullptr && !survey.indexed(relation.name, column.column))
      findings.warning(
          column.place,
          {.code = "tenant-unindexed",
           .object = relation.name.text() + "." + column.column,
           .text = "no index of " + relation.name.sql() + " begins with the tenant column " +
                   quote_identifier(column.column) + ": every statement reads the rows of all tenants",
           .sql = "CREATE INDEX ON " + relation.name.sql() + " (" + quote_identifier(column.column) + ")"});
}

// The tenant's column on both sides keeps a key within one tenant.
bool stays_within(const ForeignKey& key, const TableRule& from, const TableRule& to) {
  for (std::size_t i = 0; i < key.columns.size(); ++i)
    for (const TenantColumn& a : from.tenant)
      for (const TenantColumn& b : to.tenant)
        if (a.attribute == b.attribute && a.column == key.columns[i] && b.column == key.referenced_columns[i])
          return true;
  return false;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quote_identifier(name);
  return text;
}

void check_foreign_key(const ForeignKey& key, const TableRule& from, const TableRule& to,
                       Findings& findings) {
  if (stays_within(key, from, to)) return;
  std::string advice =
      "add the tenant column to the key: UNIQUE (tenant, ..) there, FOREIGN KEY (tenant, ..) here";
  for (const TenantColumn& a : from.tenant)
    for (const TenantColumn& b : to.tenant)
      if (a.attribute == b.attribute)
        advice = "ALTER TABLE " + to.name.sql() + " ADD UNIQUE (" + quote_identifier(b.column) + ", " +
                 listed(key.referenced_columns) + "); ALTER TABLE " + from.name.sql() + " ADD FOREIGN KEY (" +
                 quote_identifier(a.column) + ", " + listed(key.columns) + ") REFERENCES " + to.name.sql() +
                 " (" + quote_identifier(b.column) + ", " + listed(key.referenced_columns) +
                 "), DROP CONSTRAINT " + quote_identifier(key.name);
  findings.warning(from.place,
                   {.code = "key-crosses-tenants",
                    .object = key.table.text() + "." + key.name,
                    .text = "foreign key " + quote_identifier(key.name) + " of " + key.table.sql() +
                            " can point to another tenant's row of " + key.references.sql() +
                            ": it tells that the row is there, and ties the two together",
                    .advice = std::move(advice)});
}

// Keys that nobody chooses (serial numbers, uuids) tell little. Those over what a patient is known by tell
// all.
void check_unique(const TableIndex& index, const TableRule& rule, Findings& findings) {
  if (!index.unique || index.primary) return;
  const bool apart = std::any_of(rule.tenant.begin(), rule.tenant.end(), [&](const TenantColumn& column) {
    return has(index.columns, column.column);
  });
  const bool over_phi = std::any_of(
      index.columns.begin(), index.columns.end(),
      [&](const std::string& column) { return !column.empty() && rule.phi_kind(column) != nullptr; });
  if (apart || !over_phi || rule.tenant.empty()) return;
  findings.warning(
      rule.place,
      {.code = "unique-crosses-tenants",
       .object = index.table.text() + "." + index.name,
       .text = "unique index " + quote_identifier(index.name) + " of " + index.table.sql() +
               " holds across tenants: whoever inserts a known value learns whether another tenant has it",
       .advice = "make it unique per tenant: (" + quote_identifier(rule.tenant.front().column) + ", " +
                 listed(index.columns) + ")"});
}

}  // namespace

void check_keys(const Policy& policy, const Catalog& catalog, const Survey& survey, Findings& findings) {
  const auto tenant_rule = [&](const RelationName& name) -> const TableRule* {
    const Relation* relation = catalog.find(name);
    const TableRule* rule = relation == nullptr ? nullptr : rule_for(policy, catalog, *relation);
    return rule != nullptr && rule->kind == TableKind::tenant ? rule : nullptr;
  };
  for (const auto& [name, rule] : policy.tables) {
    const Relation* relation = catalog.find(name);
    if (relation != nullptr && rule.kind == TableKind::tenant && is_table(*relation))
      check_index(survey, *relation, rule, findings);
  }
  for (const ForeignKey& key : survey.foreign_keys) {
    const TableRule* from = tenant_rule(key.table);
    const TableRule* to = tenant_rule(key.references);
    if (from != nullptr && to != nullptr) check_foreign_key(key, *from, *to, findings);
  }
  for (const TableIndex& index : survey.indexes)
    if (const auto rule = policy.tables.find(index.table);
        rule != policy.tables.end() && rule->second.kind == TableKind::tenant)
      check_unique(index, rule->second, findings);
}

}  // namespace pgward::policy
