#include "proxy/net/record_gate.h"

namespace pgward::proxy {

void RecordGate::wait(audit::Ticket ticket, bool mid_message, bool may_be_missed) {
  // Each keeps its own mark: that the later record is durable says nothing about an earlier one, which may have
  // been lost before the log was mended.
  marks_.push_back({ticket, held_.size(), mid_message, may_be_missed});
}

bool RecordGate::hold(protocol::ByteView bytes) {
  if (marks_.empty()) return false;
  held_.append(bytes);
  return true;
}

bool RecordGate::release(const audit::Log& log, protocol::Bytes& out) {
  auto mark = marks_.begin();
  for (; mark != marks_.end(); ++mark) {
    const audit::Fate fate = log.fate(mark->ticket);
    if (fate == audit::Fate::lost && (!mark->may_be_missed || log.barred())) return false;
    missed_ += fate == audit::Fate::lost;
    if (fate == audit::Fate::waiting) break;
  }
  marks_.erase(marks_.begin(), mark);
  const std::size_t free = marks_.empty() ? held_.size() : marks_.front().from;
  if (free == 0) return true;
  if (free == held_.size()) {
    out.swap(held_);
    held_.clear();
  } else {
    out.assign(held_, 0, free);
    held_.erase(0, free);
  }
  for (Mark& waiting : marks_) waiting.from -= free;
  return true;
}

void RecordGate::clear() {
  marks_.clear();
  held_ = {};
}

}  // namespace pgward::proxy
