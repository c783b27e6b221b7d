// The `upstream` block: the server behind us, and as whom pgward logs in there.
#pragma once

#include "policy/yaml/node.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

void read_upstream(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
