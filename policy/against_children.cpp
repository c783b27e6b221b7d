// A parent is read together with its children, and a child can be named directly.
#include <map>
#include <set>
#include <vector>

#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

const TableRule* rule_of(const Policy& policy, const RelationName& name) {
  const auto found = policy.tables.find(name);
  return found == policy.tables.end() ? nullptr : &found->second;
}

std::vector<const Relation*> ancestors(const Catalog& catalog, const Relation& relation) {
  std::vector<const Relation*> found;
  std::set<Oid> seen{relation.oid};
  std::vector<Oid> open(relation.parents);
  while (!open.empty()) {
    const Oid oid = open.back();
    open.pop_back();
    if (!seen.insert(oid).second) continue;
    const Relation* parent = catalog.find(oid);
    if (parent == nullptr) continue;
    found.push_back(parent);
    open.insert(open.end(), parent->parents.begin(), parent->parents.end());
  }
  return found;
}

bool is_tenant(const TableRule* rule) {
  return rule != nullptr && rule->kind == TableKind::tenant;
}
bool is_shared(const TableRule* rule) {
  return rule != nullptr && rule->kind != TableKind::tenant;
}

void contradiction(const TableRule& child, const TableRule& parent, Findings& findings) {
  if (is_tenant(&child) && is_shared(&parent))
    findings.error(parent.place, {.code = "shared-parent",
                                  .object = parent.name.text(),
                                  .text = parent.name.sql() + " is shared, but its child " +
                                          child.name.sql() + " belongs to tenants and is read with it",
                                  .advice = "give both a tenant column"});
  if (is_shared(&child) && is_tenant(&parent))
    findings.error(child.place, {.code = "shared-child",
                                 .object = child.name.text(),
                                 .text = child.name.sql() + " is shared, but holds rows of " +
                                         parent.name.sql() + ", which belongs to tenants",
                                 .advice = "give it the same tenant column"});
}

bool has_own_row_security(const Relation& relation) {
  return relation.row_security && relation.force_row_security;
}

struct Bare {
  int count = 0;
  RelationName first;
};

// A warning only: partitions come and go by night, the predicate of the parent's rule holds for them, and a
// partition has no privileges of its own unless somebody granted them.
void warn_of_bare_children(const std::map<RelationName, Bare>& bare, const Policy& policy,
                           Findings& findings) {
  for (const auto& [parent, children] : bare)
    findings.warning(
        policy.tables.at(parent).place,
        {.code = "rls-child-bare",
         .object = parent.text(),
         .text = std::to_string(children.count) + " partition(s) or children of " + parent.sql() +
                 " have no forced row-level security of their own, the first is " + children.first.sql(),
         .advice = "ENABLE and FORCE it there too (pgward ddl writes the SQL), or revoke all "
                   "privileges on them"});
}

}  // namespace

void check_children(const Policy& policy, const Catalog& catalog, Findings& findings) {
  std::map<RelationName, Bare> bare;
  for (const auto& [name, relation] : catalog.relations) {
    if (relation.parents.empty() || relation.kind == RelationKind::index) continue;
    const TableRule* rule = rule_of(policy, name);
    for (const Relation* parent : ancestors(catalog, relation)) {
      const TableRule* parent_rule = rule_of(policy, parent->name);
      if (parent_rule == nullptr) continue;
      if (rule != nullptr) {
        contradiction(*rule, *parent_rule, findings);
      } else if (is_tenant(parent_rule) && !has_own_row_security(relation)) {
        Bare& entry = bare[parent->name];
        if (++entry.count == 1) entry.first = name;
      }
    }
  }
  if (policy.mode == Mode::rls_and_predicate) warn_of_bare_children(bare, policy, findings);
}

}  // namespace pgward::policy
