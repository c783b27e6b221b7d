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
                                                   {"all", StatementClass::all}},
                                                  mistakes);
    if (one) role.may.insert(*one);
  }
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
    const yaml::Mapping mapping(value, "role " + yaml::shown(key.text), {"may", "columns"}, mistakes);
    if (const auto* may = mapping.require("may")) read_may(*may, role, mistakes);
    if (const auto* columns = mapping.find("columns")) read_column_rules(*columns, role, mistakes);
    policy.roles.emplace(role.name, std::move(role));
  });
}

void read_functions(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Mapping functions(node, "functions", {"allow"}, mistakes);
  const auto* allow = functions.require("allow");
  if (allow == nullptr || (allow->kind == yaml::Node::Kind::sequence && allow->items.empty())) return;
  for (const yaml::Node* item : yaml::texts(*allow, "allow", mistakes))
    read_function(*item, policy, mistakes);
}

}  // namespace pgward::policy
