// The configuration as it is when evidence is gathered, without secrets: a section of the folder. What was in force earlier, the
// records tell: each names its policy by hash.
#pragma once

#include <set>
#include <string>

#include "proxy/config/config.h"
#include "proxy/evidence/section.h"

namespace pgward::proxy {

// `policy_sha256`: of the file as it is now. `recorded`: of the policies that records of the days name.
EvidenceSection configuration_section(const Config& config, const std::string& policy_sha256, const std::set<std::string>& recorded);

}  // namespace pgward::proxy
