// The parts of the configuration that bound what a client may take.
#pragma once

#include "policy/yaml/node.h"
#include "policy/yaml/scalar.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

void read_limits(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
// Idle timeout, longest life, grace.
void read_session(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
void read_tcp(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
// A command that tells people of emergency access.
void read_alerts(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
// "64MiB", "2GiB": in bytes, within so many MiB.
std::optional<std::size_t> size_bytes(const policy::yaml::Node& node, std::string_view what, policy::yaml::Range mib,
                                      policy::yaml::Mistakes& mistakes);
// "0770", as chmod takes it. The default after a mistake.
unsigned read_socket_mode(const policy::yaml::Node& node, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
