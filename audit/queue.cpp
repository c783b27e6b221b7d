#include "audit/queue.h"

#include "audit/limits.h"

namespace pgward::audit {
namespace {
// How long a record may wait for company when nobody waits for it.
constexpr std::chrono::milliseconds kPatience{20};
}  // namespace

Ticket Queue::push(std::string&& members, std::int64_t now_us, Pace pace) {
  const std::size_t cost = members.size() + kEnvelopeBytesMax;
  Ticket ticket = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || stopping_ || bytes_ + cost > bytes_max_) return 0;
    entries_.push_back({std::move(members), now_us});
    bytes_ += cost;
    ticket = ++last_;
    urgent_ = urgent_ || pace == Pace::now;
    // A writer that is busy syncing looks again by itself: a system call is saved on most records.
    wake = pace == Pace::now ? writer_waits_ : writer_sleeps_;
    if (wake) writer_waits_ = writer_sleeps_ = false;
  }
  if (wake) arrived_.notify_one();
  return ticket;
}

void Queue::hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return;
    urgent_ = true;
  }
  arrived_.notify_one();
}

Ticket Queue::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

bool Queue::take(std::vector<Entry>& batch, Ticket& last) {
  std::unique_lock lock(mutex_);
  while (!urgent_ && !stopping_) {
    writer_waits_ = true;
    if (arrived_.wait_for(lock, kPatience, [this] { return urgent_ || stopping_; })) break;
    if (!entries_.empty()) break;
    writer_sleeps_ = true;
    arrived_.wait(lock, [this] { return !entries_.empty() || stopping_; });
    writer_sleeps_ = false;
  }
  writer_waits_ = urgent_ = false;
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
  urgent_ = false;
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
