#include "proxy/serve/outage.h"

#include <spdlog/spdlog.h>

#include "audit/json_text.h"

namespace pgward::proxy {

std::string log_restored(AuditMode mode, std::uint64_t unrecorded_reads) {
  std::string out;
  audit::JsonMembers{out}.text("type", "log.restored").text("mode", name_of(mode)).number("unrecorded_reads", unrecorded_reads);
  return out;
}

void unrecorded_metrics(std::string& out, std::uint64_t reads_missed) {
  out += "# HELP pgward_audit_unrecorded_reads_total Reads that were answered while the audit log could not be written (mode closed-writes).\n"
         "# TYPE pgward_audit_unrecorded_reads_total counter\npgward_audit_unrecorded_reads_total ";
  audit::append_number(out, reads_missed);
  out += '\n';
}

void Outage::begins(bool barred) {
  const bool reads = mode_ == AuditMode::closed_writes && !barred;
  spdlog::error("the audit log cannot be written: {}", reads ? "reads go on WITHOUT A RECORD, changes are refused" : "what must be recorded is refused");
  std::string line = "{";
  audit::JsonMembers{line}.text("type", "log.degraded").text("mode", name_of(mode_)).boolean("reads_go_on", reads);
  tell_(line + "}\n");
}

// Whether the record that was on its way has arrived, or never will.
bool Outage::settled(audit::Log& log) {
  const audit::Fate fate = log.fate(ticket_);
  if (fate == audit::Fate::waiting) return false;
  if (fate == audit::Fate::durable) told_ = telling_;
  ticket_ = 0;
  return true;
}

void Outage::look(audit::Log& log, std::uint64_t reads_missed, std::int64_t now_us) {
  if (log.failed()) {
    if (!std::exchange(down_, true)) begins(log.barred());
    return;
  }
  if (ticket_ != 0 && !settled(log)) return;
  if (std::exchange(down_, false)) {
    spdlog::warn("the audit log can be written again; {} reads were not recorded", reads_missed - told_);
    std::string line = "{" + log_restored(mode_, reads_missed - told_);
    tell_(line + "}\n");
  }
  if (reads_missed == told_) return;
  telling_ = reads_missed;
  ticket_ = log.append(log_restored(mode_, reads_missed - told_), now_us);
}

void Outage::end(audit::Log& log, std::uint64_t reads_missed, std::int64_t now_us) {
  look(log, reads_missed, now_us);
  static_cast<void>(log.flush());
  if (ticket_ != 0) settled(log);
  if (reads_missed != told_) spdlog::error("{} reads were not recorded, and the audit trail does not say so", reads_missed - told_);
}

}  // namespace pgward::proxy
