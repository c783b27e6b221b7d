#include "proxy/session/startup_parameters.h"

#include <algorithm>

#include "policy/plan.h"
#include "protocol/options.h"
#include "proxy/session/emergency.h"
#include "proxy/session/known_settings.h"

namespace pgward::proxy {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// As the server cleans application_name, and no longer than an identifier.
std::string clean_application(std::string_view text) {
  std::string clean;
  for (char c : text.substr(0, 63)) clean += (c >= 32 && c < 127) ? c : '?';
  return clean;
}

// The name as we know it, never as it was written.
RefusedParameter refused(const std::string& written, const policy::Policy& policy) {
  std::string name = lower(written);
  std::replace(name.begin(), name.end(), '-', '_');  // as in --row-security=off
  for (const auto& attribute : policy.tenant)
    if (name == lower(attribute.setting)) return {attribute.setting};
  return {std::string(known_setting(name))};
}

bool routing(const std::string& name) { return name == "user" || name == "database" || name == "replication"; }

}  // namespace

std::variant<UpstreamParameters, RefusedParameter> upstream_parameters(const std::vector<std::pair<std::string, std::string>>& client,
                                                      const policy::Policy& policy, const Caller& caller,
                                                      const std::string& upstream_user) {
  UpstreamParameters result;
  auto& list = result.list;
  list.emplace_back("user", upstream_user);
  list.emplace_back("database", caller.database);

  const bool open = policy.passes_everything();
  // Taken, not passed on: it is a word to pgward.
  auto is_reason = [&](const std::string& name, const std::string& value) {
    if (!caller.emergency || lower(name) != kReasonSetting) return false;
    result.reason = value;
    return true;
  };
  auto judge = [&](const std::string& name, const std::string& value) {
    if (lower(name) == "search_path") result.search_path_given = true;
    if (lower(name) == "application_name") result.application = clean_application(value);
    return open || !policy::judge_setting(policy, name, value);
  };
  for (const auto& [name, value] : client) {
    if (routing(name)) continue;
    if (name == "options" && !open) {
      // Taken apart, so that each setting is judged, and none rides along in a form that only the server
      // understands.
      auto options = protocol::split_options(value);
      if (!options) return RefusedParameter{"options"};
      for (const auto& [option, text] : *options) {
        if (is_reason(option, text)) continue;
        if (!judge(option, text)) return refused(option, policy);
        list.emplace_back(option, text);
      }
      continue;
    }
    if (is_reason(name, value)) continue;
    if (!judge(name, value)) return refused(name, policy);
    list.emplace_back(name, value);
  }
  if (open) return result;

  // Ours come last: of two equal names the server keeps the last.
  std::erase_if(list, [](const auto& parameter) { return lower(parameter.first) == "client_encoding"; });
  list.emplace_back("client_encoding", "UTF8");
  list.emplace_back("standard_conforming_strings", "on");
  list.emplace_back("log_parameter_max_length_on_error", "0");
  for (const auto& attribute : policy.tenant)
    if (const std::string* value = caller.tenant.find(attribute.name)) list.emplace_back(attribute.setting, *value);
    else list.emplace_back(attribute.setting, "");  // and not what the database's user has by default
  // Of every session then: the default of a role must not pass for one.
  if (policy.has_unbound_roles()) list.emplace_back(policy::kRoleSetting, caller.role);
  return result;
}

}  // namespace pgward::proxy
