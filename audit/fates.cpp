#include "audit/fates.h"

#include <algorithm>

namespace pgward::audit {

void Fates::lose(Ticket first, Ticket last) {
  {
    const std::lock_guard lock(mutex_);
    if (gaps_.empty()) first_lost_.store(first, std::memory_order_relaxed);
    gaps_.push_back({first, last});
    if (gaps_.size() > kGapsMax) {
      gaps_[1].first = gaps_[0].first;
      gaps_.erase(gaps_.begin());
    }
  }
  // Last: whoever sees the ticket as settled sees the gap as well.
  settle(last);
}

Fate Fates::of(Ticket ticket) const {
  if (ticket == 0) return Fate::lost;  // was never queued
  if (ticket > settled_.load(std::memory_order_acquire)) return Fate::waiting;
  if (ticket < first_lost_.load(std::memory_order_relaxed)) return Fate::durable;
  const std::lock_guard lock(mutex_);
  const auto gap =
      std::lower_bound(gaps_.begin(), gaps_.end(), ticket, [](const Gap& g, Ticket t) { return g.last < t; });
  return gap != gaps_.end() && gap->first <= ticket ? Fate::lost : Fate::durable;
}

Ticket Fates::durable() const {
  const Ticket settled = settled_.load(std::memory_order_acquire);
  return std::min(settled, first_lost_.load(std::memory_order_relaxed) - 1);
}

}  // namespace pgward::audit
