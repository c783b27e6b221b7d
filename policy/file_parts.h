// The sections of a policy file. Each reads one into `policy` and notes what is wrong with it; the caller
// throws the policy away when anything was. Tables look at the tenant attributes: read those first.
#pragma once

#include "policy/policy.h"
#include "policy/yaml/node.h"

namespace pgward::policy {

void read_tenant(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes);
void read_tables(const yaml::Node& node, MissingTenant missing_tenant, Policy& policy,
                 yaml::Mistakes& mistakes);
void read_phi(const yaml::Node& node, TableRule& rule, yaml::Mistakes& mistakes);
void read_functions(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes);
// The columns of a role.
void read_column_rules(const yaml::Node& node, Role& role, yaml::Mistakes& mistakes);
// The break_glass of a role, and what only the whole list of roles can tell about it.
void read_break_glass(const yaml::Node& node, Role& role, yaml::Mistakes& mistakes);
void check_break_glass(const Policy& policy, yaml::Mistakes& mistakes);
void read_scrub(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes);
void read_roles(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes);

std::optional<MissingTenant> read_missing_tenant(const yaml::Node& node, yaml::Mistakes& mistakes);
std::vector<std::string> read_columns(const yaml::Node& node, std::string_view what,
                                      yaml::Mistakes& mistakes);

}  // namespace pgward::policy
