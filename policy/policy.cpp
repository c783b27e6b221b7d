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

bool Policy::tells_changes() const {
  return std::any_of(tables.begin(), tables.end(), [](const auto& table) { return table.second.changes != ChangeValues::off; });
}

const BreakGlass* Policy::break_glass(std::string_view role) const {
  const auto found = std::find_if(roles.begin(), roles.end(), [&](const auto& one) { return one.first == role; });
  return found == roles.end() || !found->second.break_glass ? nullptr : &*found->second.break_glass;
}

bool Policy::may_sign_off(const std::string& role, const std::string& emergency) const {
  const auto names = [&](const BreakGlass& glass) {
    return std::find(glass.sign_off.begin(), glass.sign_off.end(), role) != glass.sign_off.end();
  };
  if (const BreakGlass* glass = break_glass(emergency)) return names(*glass);
  return std::any_of(roles.begin(), roles.end(), [&](const auto& one) { return one.second.break_glass && names(*one.second.break_glass); });
}

bool Policy::adds_keys() const {
  return std::any_of(tables.begin(), tables.end(), [](const auto& table) { return table.second.keys != KeyColumns::as_written; });
}

bool Policy::passes_everything() const {
  return unlisted == Unlisted::allow && tables.empty();
}

}  // namespace pgward::policy
