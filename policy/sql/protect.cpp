#include "policy/sql/protect.h"

#include <algorithm>

#include "policy/sql/system_relations.h"
#include "policy/sql/temporary.h"

namespace pgward::policy::sql {
namespace {

std::optional<std::size_t> attribute_index(const Policy& policy, std::string_view name) {
  for (std::size_t i = 0; i < policy.tenant.size(); ++i)
    if (policy.tenant[i].name == name) return i;
  return std::nullopt;
}

// The literal's type, or empty when column and attribute do not fit: a comparison across types could
// cast the column, which leaks values in errors and defeats indexes.
std::string_view literal_type(TenantType type, std::string_view column_type) {
  const bool text_like = type == TenantType::text || type == TenantType::varchar;
  if (type == TenantType::uuid && column_type == "uuid") return "uuid";
  if (type == TenantType::int2 && column_type == "smallint") return "int2";
  if (type == TenantType::int4 && column_type == "integer") return "int4";
  if (type == TenantType::int8 && column_type == "bigint") return "int8";
  if (text_like && column_type == "text") return "text";
  if (text_like && column_type == "character varying") return "varchar";
  return {};
}

// The rule of a relation, or of the nearest parent that has one.
const TableRule* rule_of(const Analysis& analysis, const Relation& relation) {
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    const auto rule = analysis.policy.tables.find(line[i]->name);
    if (rule != analysis.policy.tables.end()) return &rule->second;
    for (const Oid parent : line[i]->parents) {
      const auto name = analysis.catalog.relation_by_oid.find(parent);
      const Relation* found =
          name == analysis.catalog.relation_by_oid.end() ? nullptr : analysis.catalog.find(name->second);
      if (found != nullptr) line.push_back(found);
    }
  }
  return nullptr;
}

bool descends_from(const Analysis& analysis, const Relation& relation, Oid ancestor) {
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    for (const Oid parent : line[i]->parents) {
      if (parent == ancestor) return true;
      const auto name = analysis.catalog.relation_by_oid.find(parent);
      const Relation* found =
          name == analysis.catalog.relation_by_oid.end() ? nullptr : analysis.catalog.find(name->second);
      if (found != nullptr) line.push_back(found);
    }
  }
  return false;
}

// The tenant columns of a relation's own rule, or else of all ancestors that have one: a child of two
// parents belongs to the tenants of both.
std::vector<TenantColumn> tenant_columns_of(const Analysis& analysis, const Relation& relation) {
  std::vector<TenantColumn> columns;
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    const auto rule = analysis.policy.tables.find(line[i]->name);
    if (rule != analysis.policy.tables.end()) {
      columns.insert(columns.end(), rule->second.tenant.begin(), rule->second.tenant.end());
      continue;
    }
    for (const Oid parent : line[i]->parents) {
      const auto name = analysis.catalog.relation_by_oid.find(parent);
      const Relation* found =
          name == analysis.catalog.relation_by_oid.end() ? nullptr : analysis.catalog.find(name->second);
      if (found != nullptr) line.push_back(found);
    }
  }
  return columns;
}

bool fill_tenant(Analysis& analysis, Protection& protection) {
  for (const TenantColumn& tenant : tenant_columns_of(analysis, *protection.relation)) {
    const auto index = attribute_index(analysis.policy, tenant.attribute);
    const Column* column = protection.relation->column(tenant.column);
    std::string_view type;
    if (index && column != nullptr) type = literal_type(analysis.policy.tenant[*index].type, column->type);
    if (type.empty())
      return analysis.refuse(Refusal::policy_unavailable, protection.relation->name.text(), tenant.place);
    const bool known = std::any_of(protection.tenant.begin(), protection.tenant.end(), [&](const TenantPair& pair) {
      return pair.column == tenant.column && pair.attribute == *index;
    });
    if (!known) protection.tenant.push_back({tenant.column, *index, type, tenant.place});
  }
  // A tenant table without a tenant column would be an open table.
  return !protection.tenant.empty() ||
         analysis.refuse(Refusal::policy_unavailable, protection.relation->name.text(),
                         protection.rule->place);
}

// A database may have thousands of tables: once for a statement, not once for each relation that it names.
const std::vector<const Relation*>& children_of_catalog(Analysis& analysis) {
  if (!analysis.children) {
    analysis.children.emplace();
    for (const auto& [name, relation] : analysis.catalog.relations)
      if (!relation.parents.empty()) analysis.children->push_back(&relation);
  }
  return *analysis.children;
}

// A parent is read together with its children. A child with a rule of its own that the parent's
// predicate does not imply would be read without it: refused.
bool children_covered(Analysis& analysis, const Protection& protection) {
  for (const Relation* child : children_of_catalog(analysis)) {
    if (!descends_from(analysis, *child, protection.relation->oid)) continue;
    for (const TenantColumn& wanted : tenant_columns_of(analysis, *child)) {
      const bool covered =
          std::any_of(protection.tenant.begin(), protection.tenant.end(), [&](const TenantPair& pair) {
            return pair.column == wanted.column &&
                   analysis.policy.tenant[pair.attribute].name == wanted.attribute;
          });
      if (!covered) return analysis.refuse(Refusal::relation_not_listed, child->name.text(), wanted.place);
    }
  }
  return true;
}

bool readable_kind(RelationKind kind) {
  return kind == RelationKind::table || kind == RelationKind::partitioned_table ||
         kind == RelationKind::view || kind == RelationKind::materialized_view ||
         kind == RelationKind::foreign_table;
}

bool cover(Analysis& analysis, Protection& protection) {
  const Relation& relation = *protection.relation;
  if (relation.name.schema == kTemporarySchema) return true;
  if (!readable_kind(relation.kind)) return analysis.refuse(Refusal::not_supported, relation.name.text());
  if (is_system_schema(relation.name.schema)) {
    protection.system = true;
    return system_relation_allowed(relation.name) ||
           analysis.refuse(Refusal::relation_not_listed, relation.name.text());
  }
  protection.rule = rule_of(analysis, relation);
  const Role& role = analysis.question.role;
  if (!role.bound && (protection.rule == nullptr || !opened(role, analysis.catalog, relation)))
    return analysis.refuse(Refusal::relation_not_listed, relation.name.text(), role.place);
  if (auto rules = column_rules(analysis.policy, role, analysis.catalog, relation))
    protection.columns = std::move(*rules);
  else
    return analysis.refuse(Refusal::column_not_allowed, relation.name.text());
  if (protection.rule == nullptr) {
    // Views and the like may read what is protected: only plain tables can be let through unlisted.
    const bool plain =
        relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table;
    if (analysis.policy.unlisted == Unlisted::allow && plain) return true;
    return analysis.refuse(Refusal::relation_not_listed, relation.name.text());
  }
  protection.recorded = !role.bound || protection.rule->kind == TableKind::tenant;
  if (!role.bound) return true;
  if (protection.rule->kind == TableKind::tenant) return fill_tenant(analysis, protection);
  // Of a shared parent and of one that belongs to tenants: whose are its rows?
  return tenant_columns_of(analysis, relation).empty() ||
         analysis.refuse(Refusal::relation_not_listed, relation.name.text(), protection.rule->place);
}

}  // namespace

const Relation* resolve_relation(Analysis& analysis, Ref range_var) {
  Tree& tree = analysis.tree;
  const std::string name(tree.text(range_var));
  const Ref schema = tree.child(range_var, child::rv_schema);
  const Ref catalog = tree.child(range_var, child::rv_catalog);
  const bool bare = schema == kNone && catalog == kNone;
  const Relation* found = nullptr;
  if (bare || (schema != kNone && tree.text(schema) == kTemporarySchema)) found = temporary_relation(analysis, name);
  if (found != nullptr && !bare) return found;
  if (catalog != kNone && tree.text(catalog) != analysis.catalog.database) {
    analysis.refuse(Refusal::not_supported);
    return nullptr;
  }
  if (found != nullptr) {
    // The server looks there first, too.
  } else if (schema != kNone) {
    found = analysis.catalog.find({std::string(tree.text(schema)), name});
  } else if (analysis.question.search_path == nullptr || !analysis.path_settled) {
    analysis.refuse(Refusal::search_path_unsettled);
    return nullptr;
  } else {
    found = analysis.catalog.resolve(name, *analysis.question.search_path);
  }
  if (found == nullptr) {
    analysis.refuse(Refusal::unknown_relation);
    return nullptr;
  }
  if (schema == kNone) {
    const std::size_t token = analysis.layout.at(tree.at(range_var));
    if (token == kNowhere) {
      analysis.refuse(Refusal::unproven);
      return nullptr;
    }
    analysis.changes.insert(analysis.layout.begin_of(token), Rank::open,
                            {quote_identifier(found->name.schema) + "."});
    tree.set(range_var, child::rv_schema, tree.string(found->name.schema));
  }
  return found;
}

const Protection* protection_for(Analysis& analysis, const Relation& relation, char action,
                                 bool with_children) {
  auto known = analysis.known.find(relation.name);
  if (known == analysis.known.end()) {
    Protection protection;
    protection.relation = &relation;
    if (!cover(analysis, protection)) return nullptr;
    known = analysis.known.emplace(relation.name, std::move(protection)).first;
  }
  const Protection& protection = known->second;
  if (relation.name.schema == kTemporarySchema) {
    analysis.temporary_touches.emplace(relation.name.name, action);
    return &protection;
  }
  if (relation.kind == RelationKind::view && !protection.system) analysis.runs_own_code = true;
  if (relation.kind != RelationKind::table && relation.kind != RelationKind::partitioned_table)
    analysis.facts.reads_views = true;
  const bool read_only =
      protection.system || (protection.rule != nullptr && protection.rule->kind == TableKind::shared_read);
  // Whose row would it be?
  if (action != 'R' && !analysis.question.role.bound && protection.rule != nullptr &&
      protection.rule->kind == TableKind::tenant) {
    analysis.refuse(Refusal::relation_read_only, relation.name.text(), analysis.question.role.place);
    return nullptr;
  }
  if (action != 'R' && read_only)
    analysis.refuse_when_run(Refusal::relation_read_only, relation.name.text(),
                             protection.rule != nullptr ? protection.rule->place : Place{});
  if (with_children && !protection.system && analysis.question.role.bound && !children_covered(analysis, protection)) return nullptr;
  return &protection;
}

}  // namespace pgward::policy::sql
