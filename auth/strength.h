// How strongly somebody has to have shown who they are before they get a role: more than one factor, say. By what the
// identity provider puts into its tokens: amr (RFC 8176), acr (OpenID Connect Core, section 2).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "auth/identity.h"

namespace pgward::auth {

struct Strength {
  std::vector<std::string> amr;  // one of these was used; empty: not asked
  std::vector<std::string> acr;  // the level is one of these; empty: not asked
};

// A credential that says nothing of it is not strong enough, whatever it is.
inline bool strong_enough(const Identity& identity, const Strength& wanted) {
  const auto listed = [](const std::vector<std::string>& list, const std::string& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  const auto acr = identity.claims.find("acr");
  const bool method = wanted.amr.empty() || std::any_of(identity.amr.begin(), identity.amr.end(), [&](const std::string& one) { return listed(wanted.amr, one); });
  return method && (wanted.acr.empty() || (acr != identity.claims.end() && listed(wanted.acr, acr->second)));
}

}  // namespace pgward::auth
