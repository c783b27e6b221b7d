#include "policy/policy.h"

#include <algorithm>

namespace pgward::policy {

std::string Place::text() const {
  if (line == 0) return file;  // about something as a whole
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const std::string* TableRule::phi_kind(const std::string& column) const {
  auto found = phi.find(column);
  if (found == phi.end()) found = phi.find(kEveryColumn);
  return found == phi.end() ? nullptr : &found->second;
}

const TenantAttribute* Policy::attribute(std::string_view name) const {
  const auto found = std::find_if(tenant.begin(), tenant.end(),
                                  [&](const TenantAttribute& one) { return one.name == name; });
  return found == tenant.end() ? nullptr : &*found;
}

bool Policy::has_unbound_roles() const {
  return std::any_of(roles.begin(), roles.end(), [](const auto& role) { return !role.second.bound; });
}

bool Policy::passes_everything() const {
  return unlisted == Unlisted::allow && tables.empty();
}

}  // namespace pgward::policy
