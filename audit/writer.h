// Writes the log: group commit, and what happens when the disk says no.
//
// One thread at a time writes: the log's own, or one that calls commit() while nobody else does and syncs are quick. What
// was pushed meanwhile the log's own thread takes.
//
// On an error everything queued and not durable is lost, for ever and by name (fate()), and append() refuses.
// Once a second the log's own thread mends it: cut back to its last durable byte, with a log.degraded record behind it.
// When that is durable, append() works again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/fates.h"
#include "audit/keeper.h"
#include "audit/log.h"
#include "audit/notary.h"
#include "audit/queue.h"
#include "audit/trail.h"

namespace pgward::audit {

class Writer final : public Log {
 public:
  Writer(std::unique_ptr<Trail> trail, LogConfig config);
  ~Writer() override { Writer::end(); }

  Ticket append(std::string members, std::int64_t now_us, Pace pace) override;
  Fate fate(Ticket ticket) const override { return fates_.of(ticket); }
  Ticket durable() const override { return fates_.durable(); }
  std::uint64_t durable_seq() const override { return durable_seq_.load(std::memory_order_acquire); }
  bool failed() const override { return failed_.load(std::memory_order_acquire) || barred_.load(std::memory_order_acquire); }
  bool barred() const override { return barred_.load(std::memory_order_acquire); }
  std::uint64_t failures() const override { return failures_.load(std::memory_order_acquire); }
  std::optional<std::chrono::microseconds> commit() override;
  bool flush() override;
  void end() override;

 private:
  struct Failure {
    IoError error;
    std::int64_t now_us;
    std::uint64_t lost;
  };
  void run();
  void write();
  void write_batch(Ticket last);
  void fail(const IoError& error, std::int64_t now_us);
  bool mend(const Failure& failure);
  void progress();
  IoResult write_group(std::span<const Entry> group);
  void open_notary(const SigningConfig& config);
  void end_signed();

  std::mutex writing_;  // who holds it writes, and uses the next three
  std::unique_ptr<Trail> trail_;
  std::vector<Entry> batch_;
  std::optional<Failure> failure_;
  const std::function<void()> on_progress_;
  const std::function<std::int64_t()> steady_us_;  // may be null
  Queue queue_;
  Fates fates_;
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> durable_seq_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::int64_t> sync_us_{0};  // how long a group takes of late
  std::atomic<bool> barred_{false};  // an anchor says that nothing more may be relied upon
  std::atomic<bool> checkpoint_wanted_{false}, ahead_{false};
  std::function<std::int64_t()> unix_us_;
  std::mutex flush_mutex_;
  std::condition_variable settled_;
  std::unique_ptr<Notary> notary_;  // when the log is signed
  std::unique_ptr<Keeper> keeper_;  // the same
  std::thread thread_;  // last: everything it uses is there before it
};

}  // namespace pgward::audit
