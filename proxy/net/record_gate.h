// Bytes for one side of a link that wait for audit records to be durable.
//
//   wait(ticket, ..)    what comes from now on waits for this record
//   hold(bytes)         true: kept. False: nothing is waited for, send them
//   release(log, out)   takes what may go by now; false: a record was lost, and clear() is all that is left
//
// Records become durable in order, so what waits for an earlier one goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "audit/log.h"
#include "protocol/bytes.h"

namespace pgward::proxy {

class RecordGate {
 public:
  // `mid_message`: what waits begins in the middle of a message of which the other side has a part.
  // `may_be_missed`: should the disk lose the record, what waits for it goes on.
  void wait(audit::Ticket ticket, bool mid_message, bool may_be_missed = false);
  bool hold(protocol::ByteView bytes);
  bool release(const audit::Log& log, protocol::Bytes& out);
  // Records that were missed so, since this was asked last.
  std::uint64_t missed() { return std::exchange(missed_, 0); }

  bool waiting() const { return !marks_.empty(); }
  std::size_t held_bytes() const { return held_.size(); }
  // Whether dropping what is held would leave half a message with the other side.
  bool mid_message() const { return !marks_.empty() && marks_.front().mid_message; }
  void clear();
  // Memory that release() gave out, for what is held next.
  void keep_memory(protocol::Bytes&& bytes) {
    if (bytes.capacity() <= held_.capacity() || !held_.empty()) return;
    bytes.clear();
    held_.swap(bytes);
  }
  void trim() {  // gives back the memory while nothing waits
    if (waiting() || !held_.empty()) return;
    std::vector<Mark>().swap(marks_);
    protocol::Bytes().swap(held_);
  }

 private:
  struct Mark {
    audit::Ticket ticket;
    std::size_t from;  // in held_: these bytes and those behind wait for it
    bool mid_message;
    bool may_be_missed;
  };
  std::vector<Mark> marks_;
  protocol::Bytes held_;
  std::uint64_t missed_ = 0;
};

}  // namespace pgward::proxy
