#include "policy/against_catalog.h"

#include <algorithm>
#include <tuple>

#include "policy/against_parts.h"

namespace pgward::policy {

std::vector<Mistake> Findings::take_in_order() {
  std::stable_sort(all_.begin(), all_.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return std::exchange(all_, {});
}

std::vector<Mistake> check_against(const Policy& policy, const Catalog& catalog) {
  Findings findings;
  check_names(policy, catalog, findings);
  check_children(policy, catalog, findings);
  if (policy.mode == Mode::rls_and_predicate) check_row_security(policy, catalog, findings);
  return findings.take_in_order();
}

}  // namespace pgward::policy
