// What `serve` does about emergency access: tells people, and knows what can be signed off.
//
//   Emergencies emergencies(config, log);
//   emergencies.know(policy)           at start and with each new policy; the first that has roles for emergencies makes
//                                      it read the trail, in a thread of its own
//   emergencies.opened(..), find(..)   from any thread
//
// Until the trail was read, what was opened before this start cannot be signed off; what is opened since can.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include "audit/log.h"
#include "policy/policy.h"
#include "proxy/config/config.h"
#include "proxy/serve/alert_command.h"
#include "proxy/serve/break_glass_book.h"

namespace pgward::proxy {

class Emergencies {
 public:
  Emergencies(const Config& config, audit::Log& log);
  ~Emergencies();  // before the log goes: the last alerts are recorded in it

  void know(const policy::Policy& policy);
  void opened(const std::string& id, EmergencyAccess access, std::string members);
  void outage(std::string line);  // of the audit log: the same people are told
  std::optional<EmergencyAccess> find(std::string_view id) const { return book_.find(id); }

 private:
  void sent(const std::string& id, bool ended_well);

  const Config& config_;
  audit::Log& log_;
  BreakGlassBook book_;
  std::atomic<bool> stop_{false};
  std::thread reading_;
  bool known_ = false;
  AlertCommand alerts_;
};

}  // namespace pgward::proxy
