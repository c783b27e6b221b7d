// The parts of `auth` beside tokens: keys of ephemeral credentials, client certificates and whom they stand for.
#pragma once

#include "policy/yaml/node.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

void read_ephemeral(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
void read_certificates(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);

void read_oauth(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
void read_strength(const policy::yaml::Node& node, Config& config, policy::yaml::Mistakes& mistakes);
// A file, or "https://..": where the keys of an issuer are.
void read_key_set(const policy::yaml::Node& node, IssuerFile& issuer, const Config& config, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
