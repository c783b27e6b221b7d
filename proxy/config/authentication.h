// The `authentication` block: who may log in from where, and how, in order.
#pragma once

#include "policy/yaml/node.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

// Without the block (`node` null) everybody logs in with a token, as before there was one.
void read_authentication(const policy::yaml::Node* node, Config& config, policy::yaml::Mistakes& mistakes);

// A method that some entry names and nothing is configured for. Once everything else was read.
void check_methods(const policy::yaml::Node& node, const Config& config, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
