#include "overlooked.h"

#include <pg_query.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace pgward::tests {
namespace {

using nlohmann::json;

void collect_with_names(const json& node, std::set<std::string>& names) {
  if (node.is_object() && node.contains("ctename")) names.insert(node["ctename"].get<std::string>());
  if (node.is_structured())
    for (const json& child : node) collect_with_names(child, names);
}

class Walk {
 public:
  Walk(const policy::Policy& policy, const policy::Catalog& catalog, const std::vector<std::string>& path, const json& tree)
      : policy_(policy), catalog_(catalog), path_(path) {
    collect_with_names(tree, with_);
    visit(tree, "", false);
  }
  NamedRelations found;

 private:
  void visit(const json& node, std::string_view parent, bool target) {
    if (node.is_array())
      for (const json& child : node) visit(child, parent, target);
    if (!node.is_object()) return;
    if (node.contains("relname") && node.contains("relpersistence")) return add(node, target);
    for (const auto& [key, child] : node.items()) {
      if (key == "lockedRels" || key == "ConstraintsSetStmt") continue;  // aliases; names of constraints
      if (key == "MultiAssignRef" && child.value("colno", 1) != 1) continue;  // one sub-select, told once for each column
      if (key == "into" || key == "intoClause" || key == "CreateStmt") continue;  // makes one
      const bool writes = (parent == "InsertStmt" && key == "relation") || parent == "LockStmt" ||
                          (parent == "CopyStmt" && key == "relation" && node.value("is_from", false));
      // The row of a cursor: what it stands on was judged when it was declared.
      const bool row = (parent == "UpdateStmt" || parent == "DeleteStmt") && key == "relation" &&
                       node.contains("whereClause") && node["whereClause"].contains("CurrentOfExpr");
      visit(child, key.empty() || !child.is_object() ? parent : std::string_view(key), writes || row);
    }
  }

  void add(const json& node, bool target) {
    const std::string name = node.value("relname", "");
    const std::string schema = node.value("schemaname", "");
    if (schema.empty() && with_.contains(name)) return;
    const policy::Relation* relation =
        schema.empty() ? catalog_.resolve(name, path_) : catalog_.find(policy::RelationName{schema, name});
    if (relation == nullptr) return;
    found.bare = found.bare || schema.empty();
    const auto rule = policy_.tables.find(relation->name);
    if (rule == policy_.tables.end() || rule->second.kind != policy::TableKind::tenant) return;
    (target ? found.written : found.read).push_back({relation->name, schema.empty()});
  }

  const policy::Policy& policy_;
  const policy::Catalog& catalog_;
  const std::vector<std::string>& path_;
  std::set<std::string> with_;
};

void forget_places(json& node) {
  if (node.is_object()) {
    node.erase("location");
    node.erase("stmt_location");
    node.erase("stmt_len");
  }
  if (node.is_structured())
    for (json& child : node) forget_places(child);
}

void take_away(json& statement, std::size_t added) {
  const char* list = statement.contains("targetList") && !statement.contains("relation") ? "targetList" : "returningList";
  json& items = statement[list];
  if (items.size() < added) return;
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(added));
  if (items.empty()) statement.erase(list);
  if (!statement.contains("sortClause")) return;
  for (json& item : statement["sortClause"]) {
    json& value = item["SortBy"]["node"];
    if (!value.contains("A_Const") || !value["A_Const"].contains("ival")) continue;
    json& number = value["A_Const"]["ival"]["ival"];
    number = number.get<std::int64_t>() - static_cast<std::int64_t>(added);
  }
}

}  // namespace

std::optional<std::vector<std::string>> statement_trees(const std::string& sql, const std::vector<std::size_t>& added) {
  const PgQueryParseResult parsed = pg_query_parse(sql.c_str());
  std::optional<std::vector<std::string>> out;
  if (parsed.error == nullptr) {
    out.emplace();
    json tree = json::parse(parsed.parse_tree);
    forget_places(tree);
    for (json& statement : tree.value("stmts", json::array())) {
      if (out->size() < added.size() && added[out->size()] > 0) take_away(*statement["stmt"].begin(), added[out->size()]);
      out->push_back(statement.dump());
    }
  }
  pg_query_free_parse_result(parsed);
  return out;
}

std::optional<NamedRelations> named_relations(const std::string& sql, const policy::Policy& policy, const policy::Catalog& catalog,
                                              const std::vector<std::string>& path) {
  const PgQueryParseResult parsed = pg_query_parse(sql.c_str());
  std::optional<NamedRelations> out;
  if (parsed.error == nullptr) out = Walk(policy, catalog, path, json::parse(parsed.parse_tree)).found;
  pg_query_free_parse_result(parsed);
  return out;
}

}  // namespace pgward::tests
