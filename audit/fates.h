// What became of each ticket, for ever, in bounded memory.
//
// The writer settles tickets in order: up to here durable, or from here to there lost. Anybody asks.
#pragma once

#include <atomic>
#include <limits>
#include <mutex>
#include <vector>

#include "audit/log.h"

namespace pgward::audit {

class Fates {
 public:
  // Writer thread only.
  void settle(Ticket up_to) { settled_.store(up_to, std::memory_order_release); }
  void lose(Ticket first, Ticket last);

  // Any thread; two atomic loads as long as nothing was ever lost.
  Fate of(Ticket ticket) const;
  Ticket durable() const;  // never passes a lost ticket
  Ticket settled() const { return settled_.load(std::memory_order_acquire); }

  // More gaps than this are joined, oldest first: what was durable between them then counts as lost, which
  // can only refuse what might have been allowed, to somebody who has not asked for thousands of outages.
  static constexpr std::size_t kGapsMax = 4096;

 private:
  struct Gap {
    Ticket first, last;
  };

  std::atomic<Ticket> settled_{0};
  std::atomic<Ticket> first_lost_{std::numeric_limits<Ticket>::max()};
  mutable std::mutex mutex_;
  std::vector<Gap> gaps_;  // ascending, under mutex_
};

}  // namespace pgward::audit
