// Our StartupMessage for the upstream server: the client's parameters, each judged; the tenant's settings;
// the settings that our reading of SQL rests on.
//
// They travel in the start-up packet, not as SET afterwards: so RESET ALL and DISCARD ALL return to them,
// and they cost no round trip (manual, "Client Connection Defaults": values of the start-up packet are the
// session's defaults).
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "policy/policy.h"
#include "proxy/session/gate.h"

namespace pgward::proxy {

struct UpstreamParameters {
  std::vector<std::pair<std::string, std::string>> list;
  bool search_path_given = false;
  std::string application;
  std::string reason;  // of emergency access (proxy/session/emergency.h)
};

// A parameter of the client's that is not allowed. `name` is empty when it is none that PostgreSQL or the policy knows: what a
// client wrote is not shown to anybody.
struct RefusedParameter {
  std::string name;
};

std::variant<UpstreamParameters, RefusedParameter> upstream_parameters(const std::vector<std::pair<std::string, std::string>>& client,
                                                      const policy::Policy& policy, const Caller& caller,
                                                      const std::string& upstream_user);

}  // namespace pgward::proxy
