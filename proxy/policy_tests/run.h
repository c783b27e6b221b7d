// Runs one policy test against a policy and a catalog. Pure: decides as a session would, runs nothing.
#pragma once

#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "proxy/policy_tests/file.h"

namespace pgward::proxy {

struct Difference {
  std::string what;  // decision, reason, becomes, recorded, touches
  std::string expected;
  std::string actual;
};

// Empty: the test passes.
std::vector<Difference> run_policy_test(const PolicyTest& test, const policy::Policy& policy, const policy::Catalog& catalog);

}  // namespace pgward::proxy
