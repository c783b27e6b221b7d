// From the configuration to what the log wants to know about its keys and anchors.
#pragma once

#include "audit/log.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

// Without a clock.
audit::SigningConfig signing_of(const AuditFiles& files);

}  // namespace pgward::proxy
