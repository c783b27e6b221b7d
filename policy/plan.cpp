#include "policy/plan.h"

namespace pgward::policy {

// Skeleton: refuses everything until the analysis in policy/sql/ answers.
Plan plan(const Question&, const Policy& policy, const Catalog&, const PlanLimits&) {
  Plan result;
  if (policy.passes_everything()) {
    result.statements.emplace_back();
    return result;
  }
  result.refusal = Refusal::not_supported;
  return result;
}

}  // namespace pgward::policy
