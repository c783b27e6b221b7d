// From the configuration to what the log wants to know: its place, its clocks, its keys and anchors.
#pragma once

#include "audit/log.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

// But for on_progress.
audit::LogConfig log_config_of(const AuditFiles& files);

}  // namespace pgward::proxy
