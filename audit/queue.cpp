#include "audit/queue.h"

#include "audit/limits.h"

namespace pgward::audit {

Ticket Queue::push(std::string&& members, std::int64_t now_us) {
  const std::size_t cost = members.size() + kEnvelopeBytesMax;
  Ticket ticket = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || stopping_ || bytes_ + cost > bytes_max_) return 0;
    entries_.push_back({std::move(members), now_us});
    bytes_ += cost;
    ticket = ++last_;
    // A writer that is busy syncing looks again by itself: a system call is saved on most records.
    wake = writer_waits_;
    writer_waits_ = false;
  }
  if (wake) arrived_.notify_one();
  return ticket;
}

Ticket Queue::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

bool Queue::take(std::vector<Entry>& batch, Ticket& last) {
  std::unique_lock lock(mutex_);
  while (entries_.empty() && !stopping_) {
    writer_waits_ = true;
    arrived_.wait(lock);
  }
  writer_waits_ = false;
  batch.swap(entries_);
  bytes_ = 0;
  last = last_;
  return !batch.empty();
}

Ticket Queue::close() {
  std::vector<Entry> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(entries_);
  bytes_ = 0;
  return last_;
}

void Queue::reopen() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
}

void Queue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
}

bool Queue::stopped_within(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace pgward::audit
