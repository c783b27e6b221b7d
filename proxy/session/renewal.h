// A newer token for a session that is open: of the same person from the same issuer, for the same tenant, with the
// session's role among its roles, and no shorter life. Everything else a session rests on stays as it is.
#pragma once

#include <optional>
#include <string_view>

#include "auth/identity.h"
#include "proxy/session/gate.h"
#include "proxy/session/services.h"

namespace pgward::proxy {

// What is kept of the new credential; nothing when it does not do, whatever is wrong with it.
std::optional<auth::Bearer> renewed(Services& services, const auth::Bearer& bearer, const Caller& caller,
                                    std::string_view token);

}  // namespace pgward::proxy
