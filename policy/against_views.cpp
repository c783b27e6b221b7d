// A view that is shared hands on what its tables hold, whoever they belong to.
#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

bool is_view(const Relation& relation) {
  return relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
}

// A plain view runs its tables' row-level security as its owner or as the caller, and that reads the setting.
bool walled_below(const Policy& policy, const Catalog& catalog, const Relation& view) {
  return policy.mode == Mode::rls_and_predicate && view.kind == RelationKind::view &&
         (view.security_invoker || !catalog.bypassing_roles.contains(view.owner));
}

}  // namespace

void check_views(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [name, rule] : policy.tables) {
    const Relation* view = catalog.find(name);
    if (view == nullptr || !is_view(*view) || rule.kind == TableKind::tenant) continue;
    if (walled_below(policy, catalog, *view)) continue;
    for (const Relation* table : catalog.base_tables(*view)) {
      const TableRule* below = rule_for(policy, catalog, *table);
      if (below == nullptr || below->kind != TableKind::tenant) continue;
      findings.warning(rule.place,
                       {.code = "view-shares-tenants",
                        .object = name.text(),
                        .text = "view " + name.sql() + " is shared, but reads " + table->name.sql() +
                                ", which belongs to tenants: everybody sees what it shows of all of them",
                        .advice = "give it a tenant column, or make sure that it shows nobody's rows"});
      break;
    }
  }
}

}  // namespace pgward::policy
