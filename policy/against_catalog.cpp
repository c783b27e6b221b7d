#include "policy/against_catalog.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "policy/against_parts.h"

namespace pgward::policy {

void Findings::add(const Place& place, Finding finding, Severity severity) {
  const bool is_sql = !finding.sql.empty();
  all_.push_back({place, std::move(finding.text), severity, std::move(finding.code),
                  std::move(finding.object), std::move(is_sql ? finding.sql : finding.advice), is_sql});
}

std::vector<Mistake> Findings::take_in_order() {
  std::stable_sort(all_.begin(), all_.end(), [](const Mistake& a, const Mistake& b) {
    return std::tuple(a.place.line == 0, a.place.line, a.place.column) <
           std::tuple(b.place.line == 0, b.place.line, b.place.column);
  });
  return std::exchange(all_, {});
}

const TableRule* rule_for(const Policy& policy, const Catalog& catalog, const Relation& relation) {
  std::set<Oid> seen;
  std::vector<const Relation*> open{&relation};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Relation& one = *open[i];
    if (const auto found = policy.tables.find(one.name); found != policy.tables.end()) return &found->second;
    for (const Oid parent : one.parents)
      if (const Relation* next = catalog.find(parent); next != nullptr && seen.insert(parent).second)
        open.push_back(next);
  }
  return nullptr;
}

Place database_place(const Catalog& catalog) {
  return {"database " + catalog.database, 0, 0};
}

std::vector<Mistake> check_against(const Policy& policy, const Catalog& catalog, const Survey* survey) {
  Findings findings;
  check_names(policy, catalog, findings);
  check_columns(policy, catalog, findings);
  check_added_keys(policy, catalog, findings);
  check_roles(policy, catalog, findings);
  check_children(policy, catalog, findings);
  check_views(policy, catalog, findings);
  if (policy.mode == Mode::rls_and_predicate) check_row_security(policy, catalog, findings);
  check_changes(policy, catalog, findings);
  check_upstream_user(policy, catalog, survey, findings);
  if (survey != nullptr) {
    check_keys(policy, catalog, *survey, findings);
    check_privileges(policy, catalog, *survey, findings);
    check_unlisted(policy, catalog, findings);
    check_server_log(*survey, policy.tells_changes(), findings);
  }
  return findings.take_in_order();
}

}  // namespace pgward::policy
