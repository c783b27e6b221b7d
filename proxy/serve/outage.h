// Tells of times in which the audit log cannot be written: in pgward's own log, to people (the command under `alerts`), in
// metrics, and, when it works again, in the trail itself: how many reads went unrecorded (AuditMode::closed_writes).
//
//   Outage outage(config.audit.mode, tell);
//   outage.look(log, reads_missed, now_us)     whenever the log has news, and now and then; one thread
//
// The number is told until its record is durable. It is in the memory of this process only: if that ends before the log
// works again, its own log is what is left.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "audit/log.h"
#include "proxy/session/audit_mode.h"

namespace pgward::proxy {

class Outage {
 public:
  // `tell`: one JSON line for the people who are told at once.
  Outage(AuditMode mode, std::function<void(std::string line)> tell) : mode_(mode), tell_(std::move(tell)) {}
  void look(audit::Log& log, std::uint64_t reads_missed, std::int64_t now_us);
  // Something is left to look at soon.
  bool pending() const { return down_ || ticket_ != 0; }
  // At the end: waits until the number is durable, if it can be.
  void end(audit::Log& log, std::uint64_t reads_missed, std::int64_t now_us);

 private:
  void begins(bool barred);
  bool settled(audit::Log& log);

  const AuditMode mode_;
  const std::function<void(std::string line)> tell_;
  bool down_ = false;
  std::uint64_t told_ = 0;    // of the reads that were missed, in records that are durable
  std::uint64_t telling_ = 0; // ... in the record that is on its way
  audit::Ticket ticket_ = 0;
};

void unrecorded_metrics(std::string& out, std::uint64_t reads_missed);

// Members of that record.
std::string log_restored(AuditMode mode, std::uint64_t unrecorded_reads);

}  // namespace pgward::proxy
