#include <algorithm>

#include "policy/against_parts.h"
#include "policy/ascii.h"
#include "policy/nearest.h"
#include "policy/touched_keys.h"

namespace pgward::policy {
namespace {

bool same_but_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool can_be_listed(RelationKind kind) {
  switch (kind) {
    case RelationKind::table:
    case RelationKind::partitioned_table:
    case RelationKind::view:
    case RelationKind::materialized_view:
    case RelationKind::foreign_table:
      return true;
    default:
      return false;
  }
}

// A forgotten schema or forgotten quotes are likelier than a slip of the finger.
std::string did_you_mean_name(const RelationName& wrong, const std::vector<RelationName>& known) {
  std::vector<std::string> texts;
  for (const RelationName& name : known) {
    if (same_but_case(name.name, wrong.name)) return "; did you mean '" + name.sql() + "'?";
    texts.push_back(name.text());
  }
  const auto guess = nearest(wrong.text(), texts);
  if (!guess) return "";
  const auto index = std::find(texts.begin(), texts.end(), *guess) - texts.begin();
  return "; did you mean '" + known[static_cast<std::size_t>(index)].sql() + "'?";
}

std::string_view type_name(TenantType type) {
  switch (type) {
    case TenantType::uuid:
      return "uuid";
    case TenantType::int2:
      return "smallint";
    case TenantType::int4:
      return "integer";
    case TenantType::int8:
      return "bigint";
    case TenantType::text:
      return "text";
    case TenantType::varchar:
      return "character varying";
  }
  return "";
}

class NameCheck {
 public:
  NameCheck(const Policy& policy, const Catalog& catalog, Findings& findings)
      : policy_(policy), catalog_(catalog), findings_(findings) {
    for (const auto& [name, relation] : catalog.relations)
      if (can_be_listed(relation.kind) && !belongs_to_server(name.schema)) listable_.push_back(name);
  }

  void table(const TableRule& rule) const {
    const Relation* relation = catalog_.find(rule.name);
    if (relation == nullptr) {
      findings_.error(rule.place, {.code = "table-unknown",
                                   .object = rule.name.text(),
                                   .text = "the database has no table or view " + rule.name.sql() +
                                           did_you_mean_name(rule.name, listable_)});
    } else if (!can_be_listed(relation->kind)) {
      findings_.error(rule.place, {.code = "table-kind",
                                   .object = rule.name.text(),
                                   .text = rule.name.sql() + " is no table and no view",
                                   .advice = "take it out of the policy"});
    } else {
      columns_of(rule, *relation);
    }
  }

  void function(const RelationName& name, const Place& place) const {
    const auto [first, last] = catalog_.functions.equal_range(name.name);
    bool found = false;
    for (auto at = first; at != last; ++at) {
      if (at->second.name != name) continue;
      found = true;
      if (at->second.security_definer)
        findings_.warning(place, {.code = "function-definer",
                                  .object = name.text(),
                                  .text = "function " + name.sql() +
                                          " runs with the rights of its owner (SECURITY DEFINER): "
                                          "make sure that it reads only the caller's rows"});
    }
    if (!found)
      findings_.error(place,
                      {.code = "function-unknown",
                       .object = name.text(),
                       .text = "the database has no function " + name.sql() + did_you_mean_function(name)});
  }

 private:
  void columns_of(const TableRule& rule, const Relation& relation) const {
    for (const TenantColumn& column : rule.tenant) tenant_column(rule, relation, column);
    for (const std::string& column : rule.record) key(rule, relation, column);
    for (const std::string& column : rule.subject) key(rule, relation, column);
    for (const auto& [column, kind] : rule.phi)
      if (column != kEveryColumn) exists(relation, column, rule.place);
  }

  // A type whose text form is one for each value: what else is in a key, the trail could not be asked for.
  void key(const TableRule& rule, const Relation& relation, const std::string& name) const {
    const Column* column = exists(relation, name, rule.place);
    if (column == nullptr || key_type(column->type) != KeyType::unsupported) return;
    findings_.warning(rule.place, {.code = "key-type",
                                   .object = relation.name.text() + "." + name,
                                   .text = "the audit trail cannot name records by a column of type " + column->type +
                                           ": it will say that any record of " + relation.name.sql() + " may be meant",
                                   .advice = "name columns of type smallint, integer, bigint, uuid, text or varchar"});
  }

  const Column* exists(const Relation& relation, const std::string& name, const Place& place) const {
    if (const Column* column = relation.column(name)) return column;
    std::vector<std::string> names;
    for (const Column& column : relation.columns) names.push_back(column.name);
    findings_.error(
        place, {.code = "column-unknown",
                .object = relation.name.text() + "." + name,
                .text = relation.name.sql() + " has no column '" + name + "'" + did_you_mean(name, names)});
    return nullptr;
  }

  void tenant_column(const TableRule& rule, const Relation& relation, const TenantColumn& wanted) const {
    const Column* column = exists(relation, wanted.column, wanted.place);
    const TenantAttribute* attribute = policy_.attribute(wanted.attribute);
    if (column == nullptr || attribute == nullptr) return;
    const std::string where = "tenant column " + rule.name.sql() + "." + quote_identifier(column->name);
    if (column->type != type_name(attribute->type))
      findings_.error(
          wanted.place,
          {.code = "tenant-type",
           .object = rule.name.text() + "." + column->name,
           .text = where + " is of type " + column->type + ", but attribute '" + attribute->name +
                   "' is of type " + std::string(type_name(attribute->type)),
           .advice = "write the column's type as 'type' of the attribute, or name another attribute"});
    // The columns of a view are nullable for the catalog, whatever they come from.
    const bool says_not_null =
        relation.kind != RelationKind::view && relation.kind != RelationKind::materialized_view;
    if (says_not_null && !column->not_null)
      findings_.warning(wanted.place,
                        {.code = "tenant-nullable",
                         .object = rule.name.text() + "." + column->name,
                         .text = where + " may be NULL: such rows belong to nobody and nobody sees them",
                         .sql = "ALTER TABLE " + rule.name.sql() + " ALTER COLUMN " +
                                quote_identifier(column->name) + " SET NOT NULL"});
  }

  std::string did_you_mean_function(const RelationName& wrong) const {
    std::vector<RelationName> known;
    for (const auto& [bare, function] : catalog_.functions)
      if (!belongs_to_server(function.name.schema)) known.push_back(function.name);
    return did_you_mean_name(wrong, known);
  }

  const Policy& policy_;
  const Catalog& catalog_;
  Findings& findings_;
  std::vector<RelationName> listable_;
};

}  // namespace

void check_names(const Policy& policy, const Catalog& catalog, Findings& findings) {
  const NameCheck check(policy, catalog, findings);
  for (const auto& [name, rule] : policy.tables) check.table(rule);
  for (const auto& [name, place] : policy.functions) check.function(name, place);
}

}  // namespace pgward::policy
