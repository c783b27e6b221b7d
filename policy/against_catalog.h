// Compares a policy with the database that it is for: what it names exists, the database's own walls
// (row-level security) stand where the policy's mode counts on them, and nothing leads around them.
//
// `pgward check` shows the findings; `pgward serve` refuses to start, and stops serving, while one of them
// is an error. Each has a code, an object and what to do about it. What only a survey knows (keys,
// privileges, settings) is looked at when there is one.
#pragma once

#include <vector>

#include "policy/catalog.h"
#include "policy/mistake.h"
#include "policy/policy.h"
#include "policy/survey.h"

namespace pgward::policy {

// In the order of the policy file; what concerns the database as a whole last. A policy without tables
// gives the findings that need none.
std::vector<Mistake> check_against(const Policy& policy, const Catalog& catalog, const Survey* survey = nullptr);

}  // namespace pgward::policy
