// tables: {patients: {tenant: clinic_id, record: id, phi: {ssn: ssn}}, icd10_codes: {shared: read}}
#include <algorithm>

#include "policy/file_parts.h"
#include "policy/nearest.h"
#include "policy/written_names.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

std::optional<std::string> read_column(const yaml::Node& node, std::string_view what,
                                       yaml::Mistakes& mistakes) {
  const auto written = yaml::text(node, what, mistakes);
  if (!written) return std::nullopt;
  const auto name = column_name(*written);
  if (name) return *name;
  mistakes.add(node, name.error().why);
  return std::nullopt;
}

void read_attribute_of(const yaml::Node& node, const Policy& policy, TenantColumn& column,
                       yaml::Mistakes& mistakes) {
  const auto name = yaml::text(node, "attribute", mistakes);
  if (!name) return;
  column.attribute = *name;
  if (policy.attribute(*name) != nullptr) return;
  std::vector<std::string> names;
  for (const TenantAttribute& attribute : policy.tenant) names.push_back(attribute.name);
  mistakes.add(node, "no tenant attribute is named " + yaml::shown(*name) + did_you_mean(*name, names));
}

// `clinic_id`, or {column: tenant_no, attribute: tenant_no}. Without an attribute it is the first one.
void read_tenant_column(const yaml::Node& node, const Policy& policy, TableRule& rule,
                        yaml::Mistakes& mistakes) {
  TenantColumn column;
  column.place = mistakes.place(node);
  if (!policy.tenant.empty()) column.attribute = policy.tenant.front().name;
  std::optional<std::string> name;
  if (node.kind == yaml::Node::Kind::mapping) {
    const yaml::Mapping mapping(node, "a tenant column", {"column", "attribute"}, mistakes);
    if (const auto* column_node = mapping.require("column"))
      name = read_column(*column_node, "column", mistakes);
    if (const auto* attribute = mapping.find("attribute"))
      read_attribute_of(*attribute, policy, column, mistakes);
  } else {
    name = read_column(node, "the tenant column", mistakes);
  }
  if (!name) return;
  column.column = *name;
  const bool repeated = std::any_of(rule.tenant.begin(), rule.tenant.end(),
                                    [&](const TenantColumn& other) { return other.column == column.column; });
  if (repeated) mistakes.add(node, "tenant column " + yaml::shown(*name) + " stands twice");
  rule.tenant.push_back(std::move(column));
}

void read_tenant_columns(const yaml::Node& node, const Policy& policy, TableRule& rule,
                         yaml::Mistakes& mistakes) {
  if (policy.tenant.empty())
    mistakes.add(node, "a tenant column needs a tenant attribute: add 'tenant' at the top of the policy");
  const auto columns = yaml::one_or_many(node);
  if (columns.empty()) mistakes.add(node, "tenant must name at least one column");
  for (const yaml::Node* column : columns) read_tenant_column(*column, policy, rule, mistakes);
}

void read_shared(const yaml::Mapping& table, const yaml::Node& shared, TableRule& rule,
                 yaml::Mistakes& mistakes) {
  rule.kind =
      yaml::choice<TableKind>(
          shared, "shared", {{"read", TableKind::shared_read}, {"write", TableKind::shared_write}}, mistakes)
          .value_or(TableKind::shared_read);
  // Everybody sees the rows of a shared table, so it can hold nobody's health data.
  for (const char* key : {"tenant", "record", "subject", "keys", "phi", "missing_tenant", "changes"})
    if (const auto* node = table.find(key))
      mistakes.add(*node, "a shared table cannot have '" + std::string(key) + "'");
}

void read_changes(const yaml::Node& node, TableRule& rule, yaml::Mistakes& mistakes) {
  using enum ChangeValues;
  rule.changes = yaml::choice<ChangeValues>(node, "changes", {{"off", off}, {"hash", hash}, {"encrypted", encrypted}}, mistakes).value_or(off);
  if (rule.changes != off && rule.record.empty())
    mistakes.add(node, "previous and new values need 'record': the columns that say of which row they are");
}

void read_keys(const yaml::Node& node, TableRule& rule, yaml::Mistakes& mistakes) {
  rule.keys = yaml::choice<KeyColumns>(node, "keys", {{"as_written", KeyColumns::as_written}, {"add", KeyColumns::add}}, mistakes)
                  .value_or(rule.keys);
  if (rule.keys != KeyColumns::as_written && rule.record.empty() && rule.subject.empty())
    mistakes.add(node, "keys to add are the columns that 'record' and 'subject' name: name at least one");
}

void read_tenant_table(const yaml::Mapping& table, const yaml::Node& tenant, const Policy& policy,
                       TableRule& rule, yaml::Mistakes& mistakes) {
  read_tenant_columns(tenant, policy, rule, mistakes);
  if (const auto* node = table.find("record")) rule.record = read_columns(*node, "record", mistakes);
  if (const auto* node = table.find("subject")) rule.subject = read_columns(*node, "subject", mistakes);
  if (const auto* node = table.find("keys")) read_keys(*node, rule, mistakes);
  if (const auto* node = table.find("phi")) read_phi(*node, rule, mistakes);
  if (const auto* node = table.find("missing_tenant"))
    rule.missing_tenant = read_missing_tenant(*node, mistakes).value_or(rule.missing_tenant);
  if (const auto* node = table.find("changes")) read_changes(*node, rule, mistakes);
}

std::optional<RelationName> read_table_name(const yaml::Node& node, yaml::Mistakes& mistakes) {
  const auto name = relation_name(node.text);
  if (!name) {
    mistakes.add(node, name.error().why);
    return std::nullopt;
  }
  if (!belongs_to_server(name->schema)) return *name;
  mistakes.add(
      node,
      "tables of the server (pg_catalog, information_schema, ..) are judged by pgward and cannot be listed");
  return std::nullopt;
}

void read_table(const yaml::Node& key, const yaml::Node& value, MissingTenant missing_tenant, Policy& policy,
                yaml::Mistakes& mistakes) {
  const auto name = read_table_name(key, mistakes);
  TableRule rule;
  rule.place = mistakes.place(key);
  rule.missing_tenant = missing_tenant;
  const yaml::Mapping table(value, "table " + yaml::shown(key.text),
                            {"tenant", "shared", "record", "subject", "keys", "phi", "missing_tenant", "changes"}, mistakes);
  const yaml::Node* tenant = table.find("tenant");
  if (const auto* shared = table.find("shared"))
    read_shared(table, *shared, rule, mistakes);
  else if (tenant != nullptr)
    read_tenant_table(table, *tenant, policy, rule, mistakes);
  else if (table.readable())
    mistakes.add(value, "table " + yaml::shown(key.text) +
                            " needs 'tenant: column', or 'shared: read' for reference data");
  if (!name) return;
  rule.name = *name;
  const auto [other, is_new] = policy.tables.emplace(*name, std::move(rule));
  if (!is_new)
    mistakes.add(key, "table " + yaml::shown(key.text) + " stands already in line " +
                          std::to_string(other->second.place.line));
}

}  // namespace

std::vector<std::string> read_columns(const yaml::Node& node, std::string_view what,
                                      yaml::Mistakes& mistakes) {
  std::vector<std::string> columns;
  for (const yaml::Node* item : yaml::texts(node, what, mistakes)) {
    const auto name = read_column(*item, what, mistakes);
    if (name && std::find(columns.begin(), columns.end(), *name) != columns.end())
      mistakes.add(*item, "column " + yaml::shown(*name) + " stands twice");
    if (name) columns.push_back(*name);
  }
  return columns;
}

std::optional<MissingTenant> read_missing_tenant(const yaml::Node& node, yaml::Mistakes& mistakes) {
  return yaml::choice<MissingTenant>(
      node, "missing_tenant", {{"fill", MissingTenant::fill}, {"refuse", MissingTenant::refuse}}, mistakes);
}

void read_tables(const yaml::Node& node, MissingTenant missing_tenant, Policy& policy,
                 yaml::Mistakes& mistakes) {
  yaml::for_each_entry(node, "tables", mistakes, [&](const yaml::Node& key, const yaml::Node& value) {
    read_table(key, value, missing_tenant, policy, mistakes);
  });
}

}  // namespace pgward::policy
