// The part of the configuration that says where the audit trail is, what signs it, and who else keeps its checkpoints.
#pragma once

#include "policy/yaml/node.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

void read_audit(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
