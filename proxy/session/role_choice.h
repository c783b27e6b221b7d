// Which of a credential's roles a session has: the one named as user, else the only one. A role for emergencies is had by
// those whom the policy lets break the glass as well, but only when it is named, or is the only role of a credential.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace pgward::proxy {

inline bool may_have(const std::vector<std::string>& held, const std::string& role, const policy::Policy& policy) {
  const auto holds = [&](const std::string& one) { return std::find(held.begin(), held.end(), one) != held.end(); };
  if (holds(role)) return policy.roles.contains(role) || policy.passes_everything();
  const policy::BreakGlass* glass = policy.break_glass(role);
  return glass && std::any_of(glass->roles.begin(), glass->roles.end(), holds);
}

inline std::optional<std::string> choose_role(const std::vector<std::string>& held, const std::string& user,
                                              const policy::Policy& policy) {
  if (may_have(held, user, policy)) return user;
  std::vector<std::string> usual, emergency;
  for (const std::string& role : held)
    if (may_have(held, role, policy)) (policy.break_glass(role) ? emergency : usual).push_back(role);
  if (usual.size() == 1) return usual.front();
  if (usual.empty() && emergency.size() == 1) return emergency.front();
  return std::nullopt;
}

}  // namespace pgward::proxy
