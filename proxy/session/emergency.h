// Emergency access ("break glass"): a role of the policy that is had for some minutes, for a reason that the policy lists.
//
// It lasts for one session: what a session read or prepared under a wide role cannot be reached under a narrow one
// afterwards, and every record of it belongs to one opening (docs/decisions/0013-break-glass.md).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/identity.h"
#include "policy/policy.h"

namespace pgward::proxy {

// As a start-up setting (options=-c pgward.reason=CODE), or as a claim of the credential.
inline constexpr std::string_view kReasonSetting = "pgward.reason";
inline constexpr std::string_view kReasonClaim = "break_glass_reason";

struct Emergency {
  std::string id, reason;
  auth::UnixTime until = 0;
};

// Of one that is open or was: who had it, for those who sign it off.
struct EmergencyAccess {
  std::string subject, role;
  std::vector<std::pair<std::string, std::string>> tenant;  // attribute, value
};

// The code, when it is one of the policy's.
inline std::optional<std::string> known_reason(const policy::BreakGlass& glass, const std::string& given) {
  const auto found = std::find(glass.reasons.begin(), glass.reasons.end(), given);
  return found == glass.reasons.end() ? std::nullopt : std::optional(*found);
}

}  // namespace pgward::proxy
