// Our StartupMessage for the upstream server: the client's parameters, each judged; the tenant's settings;
// the settings that our reading of SQL rests on.
//
// They travel in the start-up packet, not as SET afterwards: so RESET ALL and DISCARD ALL return to them,
// and they cost no round trip (manual, "Client Connection Defaults": values of the start-up packet are the
// session's defaults).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "proxy/session/gate.h"

namespace pgward::proxy {

struct UpstreamParameters {
  std::vector<std::pair<std::string, std::string>> list;
  bool search_path_given = false;
  std::string application;
};

// Nothing when a parameter of the client's is not allowed.
std::optional<UpstreamParameters> upstream_parameters(const std::vector<std::pair<std::string, std::string>>& client,
                                                      const policy::Policy& policy, const Caller& caller,
                                                      const std::string& upstream_user);

}  // namespace pgward::proxy
