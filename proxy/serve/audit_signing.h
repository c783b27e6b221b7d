// From the configuration to what the log wants to know: its place, its clocks, its keys and anchors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "audit/log.h"
#include "audit/subject_keys.h"
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

// Gives the key of a tenant's pseudonyms, to any thread; null, and a line in our own log, when there is none to be had.
KeySource subject_keys_of(const AuditFiles& files);

// But for on_progress.
audit::LogConfig log_config_of(const AuditFiles& files, AnchorHealth& health);

}  // namespace pgward::proxy
