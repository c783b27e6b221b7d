// Which of a credential's roles a session has: the one named as user, else the only one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace pgward::proxy {

inline std::optional<std::string> choose_role(const std::vector<std::string>& held, const std::string& user,
                                              const policy::Policy& policy) {
  std::vector<std::string> known;
  for (const std::string& role : held)
    if (policy.roles.contains(role) || policy.passes_everything()) known.push_back(role);
  for (const std::string& role : known)
    if (role == user) return role;
  if (known.size() == 1) return known.front();
  return std::nullopt;
}

}  // namespace pgward::proxy
