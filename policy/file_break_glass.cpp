// roles: {emergency: {may: [select], break_glass: {max_minutes: 30, reasons: [transfer], for: [clinician], sign_off: [officer]}}}
#include <algorithm>

#include "policy/file_parts.h"
#include "policy/nearest.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

constexpr std::size_t kReasonBytesMax = 40;
constexpr yaml::Range kMinutes{1, 240};

// It stands in the audit trail and in alerts as it is.
bool is_reason(std::string_view text) {
  return text.size() <= kReasonBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void read_names(const yaml::Node* node, std::string_view what, std::vector<std::string>& into, yaml::Mistakes& mistakes) {
  if (node == nullptr) return;
  for (const yaml::Node* one : yaml::texts(*node, what, mistakes)) into.push_back(one->text);
}

void check_roles(const std::vector<std::string>& names, std::string_view key, const Role& role, const Policy& policy,
                 yaml::Mistakes& mistakes) {
  std::vector<std::string> known;
  for (const auto& [name, one] : policy.roles) known.push_back(name);
  for (const std::string& name : names) {
    const auto found = policy.roles.find(name);
    const std::string who = std::string(key) + " of role " + yaml::shown(role.name) + " names " + yaml::shown(name);
    if (found == policy.roles.end())
      mistakes.add(role.break_glass->place, who + ", which is no role" + did_you_mean(name, known));
    else if (found->second.break_glass)
      mistakes.add(role.break_glass->place, who + ", which is a role for emergencies itself");
  }
}

}  // namespace

void read_break_glass(const yaml::Node& node, Role& role, yaml::Mistakes& mistakes) {
  const yaml::Mapping map(node, "break_glass", {"max_minutes", "reasons", "for", "sign_off"}, mistakes);
  BreakGlass glass;
  glass.place = mistakes.place(node);
  if (const auto* value = map.require("max_minutes"))
    glass.max_minutes = yaml::integer(*value, "the minutes that it may last", kMinutes, mistakes).value_or(kMinutes.min);
  if (const auto* value = map.require("reasons"))
    for (const yaml::Node* one : yaml::texts(*value, "a reason", mistakes)) {
      if (!is_reason(one->text)) mistakes.add(*one, "a reason is a code of a-z 0-9 _ - with at most 40 characters: it stands in the audit trail, where no names may be");
      glass.reasons.push_back(one->text);
    }
  read_names(map.find("for"), "a role", glass.roles, mistakes);
  read_names(map.require("sign_off"), "a role", glass.sign_off, mistakes);
  role.break_glass = std::move(glass);
}

void check_break_glass(const Policy& policy, yaml::Mistakes& mistakes) {
  for (const auto& [name, role] : policy.roles) {
    if (!role.break_glass) continue;
    check_roles(role.break_glass->roles, "for", role, policy, mistakes);
    check_roles(role.break_glass->sign_off, "sign_off", role, policy, mistakes);
  }
}

}  // namespace pgward::policy
