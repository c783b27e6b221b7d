// Compares a policy with the database that it is for: what it names exists, and the database's own walls
// (row-level security) stand where the policy's mode counts on them.
//
// `pgward check` shows the findings; `pgward serve` refuses to start, and stops serving, while one of them
// is an error. Each says what to do about it.
#pragma once

#include <vector>

#include "policy/catalog.h"
#include "policy/mistake.h"
#include "policy/policy.h"

namespace pgward::policy {

// In the order of the policy file.
std::vector<Mistake> check_against(const Policy& policy, const Catalog& catalog);

}  // namespace pgward::policy
