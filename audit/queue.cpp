#include "audit/queue.h"

#include <algorithm>
#include <utility>

#include "audit/limits.h"

namespace pgward::audit {
namespace {
// How long a record may wait for company when nobody waits for it.
constexpr std::chrono::milliseconds kPatience{20};
// How long the first of a group waits for those who are expected: a quarter of a sync, within these bounds. The
// least is about a query's way to the server and back.
constexpr std::chrono::microseconds kCompanyMin{250}, kCompanyMax{2000};
// Memory that is kept for the next batch.
constexpr std::size_t kTextBytesKept = 256 * 1024;

std::chrono::microseconds company_for(std::chrono::microseconds last_sync) {
  return std::clamp(last_sync / 4, kCompanyMin, kCompanyMax);
}
}  // namespace

void Queue::Records::clear() {
  text.clear();
  list.clear();
  if (text.capacity() <= kTextBytesKept) return;
  text.shrink_to_fit();
  list.shrink_to_fit();
}

Ticket Queue::push(std::string_view members, std::int64_t now_us, Pace pace) {
  const std::size_t cost = members.size() + kEnvelopeBytesMax;
  Ticket ticket = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || stopping_ || bytes_ + cost > bytes_max_) return 0;
    queued_.text.append(members);
    queued_.list.push_back({members.size(), now_us});
    bytes_ += cost;
    ticket = ++last_;
    urgent_ += pace == Pace::soon ? 0 : 1;
    // A writer that is busy syncing looks again by itself: a system call is saved on most records.
    for_writer_ |= pace == Pace::now;
    if (pace == Pace::now) wake = writer_waits_ && urgent_ >= wanted_;
    if (pace == Pace::soon) wake = writer_sleeps_;
    if (wake) writer_waits_ = writer_sleeps_ = false;
  }
  if (wake) arrived_.notify_one();
  return ticket;
}

void Queue::hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (queued_.empty()) return;
    hurried_ = true;
  }
  arrived_.notify_one();
}

Ticket Queue::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

// Whoever wakes the writer notes that it is awake, so that nobody else does. What it was woken for may have been taken by then:
// each time it goes on sleeping it says so again.

void Queue::wait_for_first(std::unique_lock<std::mutex>& lock) {
  wanted_ = 1;
  while (!arrived()) {
    const bool come = arrived_.wait_for(lock, kPatience, [this] {
      writer_waits_ = true;
      return arrived();
    });
    if (come || unhurried()) return;
    arrived_.wait(lock, [this] {
      writer_waits_ = writer_sleeps_ = true;
      return arrived() || unhurried();
    });
    writer_sleeps_ = false;
  }
}

void Queue::wait_for_company(std::unique_lock<std::mutex>& lock, std::size_t expected, std::chrono::microseconds longest) {
  wanted_ = expected;
  arrived_.wait_for(lock, longest, [&] {
    writer_waits_ = true;
    return urgent_ >= expected || hurried_ || stopping_ || closed_;
  });
}

bool Queue::wait(std::chrono::microseconds last_sync) {
  std::unique_lock lock(mutex_);
  const std::size_t expected = urgent_last_ + urgent_;
  const auto company = company_for(last_sync);
  // Those who were just served need about so long to be back, and no longer than that for the last of them.
  if (expected > 1 && urgent_ < expected) wait_for_company(lock, expected, 2 * company);
  if (!arrived()) {
    wait_for_first(lock);
    if (urgent_ > 0 && urgent_ < expected) wait_for_company(lock, expected, company);
  }
  writer_waits_ = false;
  return !queued_.empty() || closed_ || !stopping_;
}

std::optional<std::chrono::microseconds> Queue::due(std::chrono::microseconds now, std::chrono::microseconds last_sync) {
  const std::lock_guard lock(mutex_);
  if (urgent_ == 0) return std::nullopt;
  if (urgent_ >= urgent_last_ || hurried_) return std::chrono::microseconds{0};
  if (since_.count() == 0) since_ = now;
  return std::max(since_ + company_for(last_sync) - now, std::chrono::microseconds{0});
}

void Queue::hand_over() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    for_writer_ |= urgent_ > 0;
    wake = writer_waits_ && urgent_ >= wanted_;
    if (wake) writer_waits_ = writer_sleeps_ = false;
  }
  if (wake) arrived_.notify_one();
}

void Queue::take(std::vector<Entry>& batch, Ticket& last) {
  taken_.clear();
  batch.clear();
  {
    const std::lock_guard lock(mutex_);
    hurried_ = for_writer_ = false;
    since_ = {};
    urgent_last_ = std::exchange(urgent_, 0);
    std::swap(taken_, queued_);
    bytes_ = 0;
    last = last_;
  }
  const char* at = taken_.text.data();
  for (const auto& record : taken_.list) {
    batch.push_back({{at, record.bytes}, record.now_us});
    at += record.bytes;
  }
}

Ticket Queue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  queued_.clear();
  bytes_ = 0;
  urgent_ = 0;
  hurried_ = for_writer_ = false;
  arrived_.notify_one();
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
