// roles: {clinician: {may: [select, insert]}}    functions: {allow: [public.f_age_years]}
#include "policy/file_parts.h"
#include "policy/written_names.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

void read_may(const yaml::Node& node, Role& role, yaml::Mistakes& mistakes) {
  const auto classes = yaml::one_or_many(node);
  if (classes.empty()) mistakes.add(node, "may must name at least one class of statements");
  for (const yaml::Node* item : classes) {
    const auto one = yaml::choice<StatementClass>(*item, "a class of statements",
                                                  {{"select", StatementClass::select},
                                                   {"insert", StatementClass::insert},
                                                   {"update", StatementClass::update},
                                                   {"delete", StatementClass::delete_},
                                                   {"explain", StatementClass::explain},
                                                   {"ddl", StatementClass::ddl},
                                                   {"listen", StatementClass::listen},
                                                   {"all", StatementClass::all}},
                                                  mistakes);
    if (one) role.may.insert(*one);
  }
}

// tables: [wards, icd10_codes], or {patients: [patient_id, clinic_id], wards: without_phi}
void read_opened(const yaml::Node& key, const yaml::Node* columns, const Policy& policy, Role& role,
                 yaml::Mistakes& mistakes) {
  const auto name = relation_name(key.text);
  if (!name) return mistakes.add(key, name.error().why);
  if (!policy.tables.contains(*name))
    mistakes.add(key, "table " + yaml::shown(key.text) + " must be listed under 'tables' of the policy as well");
  OpenedTable opened;
  opened.place = mistakes.place(key);
  if (columns != nullptr && columns->kind == yaml::Node::Kind::sequence) {
    for (const std::string& column : read_columns(*columns, "columns of " + yaml::shown(key.text), mistakes))
      opened.columns.insert(column);
    if (opened.columns.empty()) mistakes.add(*columns, "a list of columns must name at least one");
  } else if (columns != nullptr && (!columns->is_scalar() || columns->text != "without_phi")) {
    mistakes.add(*columns, "write a list of columns, or 'without_phi' for all that are not PHI");
  }
  if (!role.opens.emplace(*name, std::move(opened)).second)
    mistakes.add(key, "table " + yaml::shown(key.text) + " stands twice");
}

void read_opens(const yaml::Node& node, const Policy& policy, Role& role, yaml::Mistakes& mistakes) {
  if (node.kind == yaml::Node::Kind::mapping)
    return yaml::for_each_entry(node, "tables", mistakes, [&](const yaml::Node& key, const yaml::Node& columns) {
      read_opened(key, &columns, policy, role, mistakes);
    });
  for (const yaml::Node* item : yaml::texts(node, "tables", mistakes))
    read_opened(*item, nullptr, policy, role, mistakes);
}

// A role without a tenant sees everybody's rows: nothing is opened to it by a general word.
void check_unbound(const yaml::Node& key, const Role& role, yaml::Mistakes& mistakes) {
  if (role.may.contains(StatementClass::all))
    mistakes.add(key, "role " + yaml::shown(role.name) + " has no tenant: name what it may instead of 'all'");
}

void check_bound(const yaml::Node& key, const yaml::Mapping& mapping, const Role& role, yaml::Mistakes& mistakes) {
  const std::string who = "role " + yaml::shown(role.name);
  if (const auto* tables = mapping.find("tables"))
    mistakes.add(*tables, who + " has a tenant and sees its rows of all tables; 'tables' goes with 'tenant: none'");
  if (role.may.contains(StatementClass::ddl))
    mistakes.add(key, who + " may 'ddl', which changes the tables of every tenant: it needs 'tenant: none'");
}

void read_tenancy(const yaml::Node& key, const yaml::Mapping& mapping, const Policy& policy, Role& role,
                  yaml::Mistakes& mistakes) {
  if (const auto* tenant = mapping.find("tenant")) {
    role.bound = false;
    if (!tenant->is_scalar() || tenant->text != "none")
      mistakes.add(*tenant, "the tenant of a role comes from the credential; the only word here is 'none'");
  }
  if (const auto* phi = mapping.find("phi"); phi != nullptr && (!phi->is_scalar() || phi->text != "refuse" || role.bound))
    mistakes.add(*phi, "'phi: refuse' goes with 'tenant: none', and is the only choice: open columns by name under 'tables'");
  if (role.bound) return check_bound(key, mapping, role, mistakes);
  if (const auto* tables = mapping.find("tables")) read_opens(*tables, policy, role, mistakes);
  check_unbound(key, role, mistakes);
}

void read_function(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const auto name = relation_name(node.text);
  if (!name)
    mistakes.add(node, name.error().why);
  else if (belongs_to_server(name->schema))
    mistakes.add(node, "functions of the server are judged by pgward and cannot be listed");
  else if (!policy.functions.emplace(*name, mistakes.place(node)).second)
    mistakes.add(node, "function " + yaml::shown(node.text) + " stands twice");
}

}  // namespace

void read_roles(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  yaml::for_each_entry(node, "roles", mistakes, [&](const yaml::Node& key, const yaml::Node& value) {
    Role role;
    role.name = key.text;
    role.place = mistakes.place(key);
    const yaml::Mapping mapping(value, "role " + yaml::shown(key.text), {"may", "columns", "tenant", "tables", "phi", "break_glass"}, mistakes);
    if (const auto* may = mapping.require("may")) read_may(*may, role, mistakes);
    if (const auto* columns = mapping.find("columns")) read_column_rules(*columns, role, mistakes);
    if (mapping.readable()) read_tenancy(key, mapping, policy, role, mistakes);
    if (const auto* glass = mapping.find("break_glass")) read_break_glass(*glass, role, mistakes);
    policy.roles.emplace(role.name, std::move(role));
  });
  check_break_glass(policy, mistakes);
}

void read_functions(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Mapping functions(node, "functions", {"allow"}, mistakes);
  const auto* allow = functions.require("allow");
  if (allow == nullptr || (allow->kind == yaml::Node::Kind::sequence && allow->items.empty())) return;
  for (const yaml::Node* item : yaml::texts(*allow, "allow", mistakes))
    read_function(*item, policy, mistakes);
}

}  // namespace pgward::policy
