// From the configuration to what the log wants to know: its place, its clocks, its keys and anchors.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "audit/log.h"
#include "proxy/config/config.h"

namespace pgward::proxy {

// Which anchors are told of the log's checkpoints, for metrics. Thread-safe; outlives the log.
class AnchorHealth {
 public:
  void set(const std::string& anchor, bool well);
  void metrics(std::string& out, bool log_works) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, bool> well_;
};

// But for on_progress.
audit::LogConfig log_config_of(const AuditFiles& files, AnchorHealth& health);

}  // namespace pgward::proxy
