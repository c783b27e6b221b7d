// What `pgward explain` prints: for people, and as JSON.
#pragma once

#include <string>

#include "policy/plan.h"
#include "policy/policy.h"

namespace pgward::proxy {

struct Explained {
  std::string role;
  policy::TenantValues tenant;
  std::string sql;
  policy::Plan plan;
  policy::Rendered rendered;
};

std::string explain_text(const Explained& explained, const policy::Policy& policy);
std::string explain_json(const Explained& explained, const policy::Policy& policy);

}  // namespace pgward::proxy
