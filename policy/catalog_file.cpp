#include "policy/catalog_file.h"

#include <nlohmann/json.hpp>

namespace pgward::policy {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

json pair_of(const RelationName& name) {
  return {name.schema, name.name};
}
RelationName name_from(const json& pair) {
  return {pair.at(0).get<std::string>(), pair.at(1).get<std::string>()};
}

// What has its usual value is left out: thousands of functions have it.
template <typename Value>
void put(json& object, const char* key, const Value& value, const Value& usual = Value{}) {
  if (value != usual) object[key] = value;
}
template <typename Value>
void get(const json& object, const char* key, Value& value) {
  if (const auto found = object.find(key); found != object.end()) value = found->get<Value>();
}
void put_letter(json& object, const char* key, char value, char usual) {
  if (value != usual) object[key] = std::string(1, value);
}
void get_letter(const json& object, const char* key, char& value) {
  if (const auto found = object.find(key); found != object.end()) value = found->get<std::string>().at(0);
}

// An enumeration by its number, refused when it has no such value.
template <typename Enum>
Enum numbered(const json& object, const char* key, Enum last) {
  const int number = object.value(key, 0);
  if (number < 0 || number > static_cast<int>(last)) throw std::out_of_range(key);
  return static_cast<Enum>(number);
}

json column_json(const Column& column) {
  json one{{"name", column.name}, {"type", column.type}, {"number", column.number}};
  put(one, "not_null", column.not_null);
  put(one, "generated", column.generated);
  put(one, "default", column.default_expr);
  put(one, "readable", column.readable, true);
  return one;
}

Column column_from(const json& one) {
  Column column;
  column.name = one.at("name").get<std::string>();
  column.type = one.at("type").get<std::string>();
  column.number = one.at("number").get<int>();
  get(one, "not_null", column.not_null);
  get(one, "generated", column.generated);
  get(one, "default", column.default_expr);
  get(one, "readable", column.readable);
  return column;
}

json row_policy_json(const RowPolicy& row_policy) {
  json one{{"name", row_policy.name}};
  put(one, "permissive", row_policy.permissive, true);
  put_letter(one, "command", row_policy.command, '*');
  put(one, "using", row_policy.using_expr);
  put(one, "check", row_policy.check_expr);
  return one;
}

RowPolicy row_policy_from(const json& one) {
  RowPolicy row_policy;
  row_policy.name = one.at("name").get<std::string>();
  get(one, "permissive", row_policy.permissive);
  get_letter(one, "command", row_policy.command);
  get(one, "using", row_policy.using_expr);
  get(one, "check", row_policy.check_expr);
  return row_policy;
}

json relation_json(const Relation& relation) {
  json one{{"oid", relation.oid}, {"name", pair_of(relation.name)}, {"owner", relation.owner}};
  put(one, "kind", static_cast<int>(relation.kind));
  for (const Column& column : relation.columns) one["columns"].push_back(column_json(column));
  put(one, "parents", relation.parents);
  put(one, "reads", relation.reads);
  put(one, "row_security", relation.row_security);
  put(one, "force_row_security", relation.force_row_security);
  put(one, "security_invoker", relation.security_invoker);
  put(one, "has_rules", relation.has_rules);
  for (const RowPolicy& row_policy : relation.row_policies)
    one["row_policies"].push_back(row_policy_json(row_policy));
  put(one, "view", relation.view_definition);
  put(one, "change_trigger", relation.change_trigger);
  return one;
}

Relation relation_from(const json& one) {
  Relation relation;
  relation.oid = one.at("oid").get<Oid>();
  relation.name = name_from(one.at("name"));
  get(one, "owner", relation.owner);
  relation.kind = numbered(one, "kind", RelationKind::toast);
  for (const json& column : one.value("columns", json::array())) relation.columns.push_back(column_from(column));
  get(one, "parents", relation.parents);
  get(one, "reads", relation.reads);
  get(one, "row_security", relation.row_security);
  get(one, "force_row_security", relation.force_row_security);
  get(one, "security_invoker", relation.security_invoker);
  get(one, "has_rules", relation.has_rules);
  for (const json& row_policy : one.value("row_policies", json::array()))
    relation.row_policies.push_back(row_policy_from(row_policy));
  get(one, "view", relation.view_definition);
  get(one, "change_trigger", relation.change_trigger);
  return relation;
}

json function_json(const Function& function) {
  json one{{"oid", function.oid}, {"name", pair_of(function.name)}};
  put(one, "volatility", static_cast<int>(function.volatility));
  put(one, "language", function.language, std::string("internal"));
  put(one, "security_definer", function.security_definer);
  put(one, "leakproof", function.leakproof);
  put(one, "returns_set", function.returns_set);
  put_letter(one, "kind", function.kind, 'f');
  put(one, "extension", function.extension);
  put(one, "source", function.source);
  put(one, "owner", function.owner);
  put(one, "executable", function.executable);
  return one;
}

Function function_from(const json& one) {
  Function function;
  function.oid = one.at("oid").get<Oid>();
  function.name = name_from(one.at("name"));
  function.volatility = numbered(one, "volatility", Volatility::volatile_);
  function.language = "internal";
  get(one, "language", function.language);
  get(one, "security_definer", function.security_definer);
  get(one, "leakproof", function.leakproof);
  get(one, "returns_set", function.returns_set);
  get_letter(one, "kind", function.kind);
  get(one, "extension", function.extension);
  get(one, "source", function.source);
  get(one, "owner", function.owner);
  get(one, "executable", function.executable);
  return function;
}

json facts_json(const Catalog& catalog) {
  return {{"pgward_catalog", kFormat},
          {"server_version_num", catalog.server_version_num},
          {"database", catalog.database},
          {"upstream_user", catalog.upstream_user},
          {"upstream_bypasses_rls", catalog.upstream_bypasses_rls},
          {"bypassing_roles", catalog.bypassing_roles},
          {"upstream_roles", catalog.upstream_roles},
          {"default_search_path", catalog.default_search_path},
          {"relations", json::array()},
          {"functions", json::array()},
          {"operators", json::array()},
          {"types", json::array()},
          {"constraints", catalog.constraints}};
}

Catalog catalog_from(const json& file) {
  Catalog catalog;
  get(file, "server_version_num", catalog.server_version_num);
  get(file, "database", catalog.database);
  get(file, "upstream_user", catalog.upstream_user);
  get(file, "upstream_bypasses_rls", catalog.upstream_bypasses_rls);
  get(file, "bypassing_roles", catalog.bypassing_roles);
  get(file, "upstream_roles", catalog.upstream_roles);
  get(file, "default_search_path", catalog.default_search_path);
  get(file, "constraints", catalog.constraints);
  for (const json& one : file.at("relations")) catalog.add(relation_from(one));
  for (const json& one : file.at("functions")) {
    Function function = function_from(one);
    catalog.functions.emplace(function.name.name, std::move(function));
  }
  for (const json& one : file.at("operators")) {
    const RelationName name = name_from(one.at(0));
    catalog.operators.emplace(name.name, Operator{name, name_from(one.at(1)), one.at(2).get<std::string>(),
                                                  one.at(3).get<std::string>(), one.at(4).get<bool>()});
  }
  for (const json& one : file.at("types"))
    catalog.types.emplace(one.at(0).get<std::string>(), one.at(1).get<std::string>());
  return catalog;
}

}  // namespace

std::string write_catalog(const Catalog& catalog) {
  json file = facts_json(catalog);
  for (const auto& [name, relation] : catalog.relations) file["relations"].push_back(relation_json(relation));
  for (const auto& [bare, function] : catalog.functions) file["functions"].push_back(function_json(function));
  for (const auto& [symbol, one] : catalog.operators)
    file["operators"].push_back(json::array({pair_of(one.name), pair_of(one.function), one.left, one.right, one.leakproof}));
  for (const auto& [type, schema] : catalog.types) file["types"].push_back(json::array({type, schema}));
  return file.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::variant<Catalog, std::string> read_catalog_file(std::string_view text) {
  try {
    const json file = json::parse(text);
    if (!file.is_object() || file.value("pgward_catalog", 0) != kFormat)
      return "not a catalog of this version of pgward: write it with pgward catalog --upstream ..";
    return catalog_from(file);
  } catch (const std::exception&) {  // nlohmann's own, and an enumeration or a letter out of range
    return "not a catalog: write it with pgward catalog --upstream ..";
  }
}

}  // namespace pgward::policy
