// Records on their way to who writes them: the writer's thread, or one that commits what it pushed itself.
//
//   push()      gives out tickets
//   wait()      the writer's: until there is something to take. When somebody waits for a record, as soon as those are
//               there that can be expected (below), else after a moment, so that records nobody waits for ride along with
//               the next that somebody does. What a committer pushed does not wake the writer
//   due()       a committer's: the same question, without waiting
//   hand_over() a committer leaves to the writer what it pushed and did not take
//   take()      everything that gathered, maybe nothing; one thread at a time
//   close()     refuses further records and says which were still queued; reopen() takes them again
//
// Who was served by the last group, and who came while it was written, is likely to be back at once: a sync costs
// more processor time than a query, so one for all of them is waited for, for a fraction of the time that a sync takes.
// A client alone never waits. While they are on their way the writer sleeps once, until the last of them: waking for
// the first and sleeping again would be four system calls a group instead of two.
//
// What is queued lies in one piece of memory, which two batches take turns with: a string of its own for each record
// would be given back by another thread than the one that took it, which costs the allocator most.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log.h"
#include "audit/trail.h"

namespace pgward::audit {

class Queue {
 public:
  explicit Queue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  Ticket push(std::string_view members, std::int64_t now_us, Pace pace);  // 0: closed or full
  void hurry();                                                           // somebody waits for what is queued
  Ticket last() const;                                      // ticket given out last

  // Until there is a record, or the queue was closed. False: stop() was called, and nothing is left.
  bool wait(std::chrono::microseconds last_sync = {});
  // In how long take() should be called, at the latest; nothing: nobody waits.
  std::optional<std::chrono::microseconds> due(std::chrono::microseconds now, std::chrono::microseconds last_sync);
  void hand_over();
  // Fills `batch`, which is good until the next take(), and gives the ticket of the last entry ever.
  void take(std::vector<Entry>& batch, Ticket& last);
  // What is queued is dropped. The last ticket given out: none comes until reopen().
  Ticket close();
  void reopen();
  void stop();
  bool stopped_within(std::chrono::milliseconds time);  // waits so long for stop()

 private:
  struct Records {
    struct Record {
      std::size_t bytes;
      std::int64_t now_us;
    };
    std::string text;  // of all of them, one behind the other
    std::vector<Record> list;
    bool empty() const { return list.empty(); }
    void clear();
  };

  bool arrived() const { return for_writer_ || (hurried_ && !queued_.empty()) || stopping_ || closed_; }
  bool unhurried() const { return queued_.list.size() > urgent_; }  // records that nobody waits for
  void wait_for_first(std::unique_lock<std::mutex>& lock);
  void wait_for_company(std::unique_lock<std::mutex>& lock, std::size_t expected, std::chrono::microseconds longest);
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  Records queued_;
  Records taken_;  // theirs who took them
  std::size_t bytes_ = 0;
  const std::size_t bytes_max_;
  Ticket last_ = 0;
  bool closed_ = false, stopping_ = false;
  std::size_t urgent_ = 0;       // entries that somebody waits for
  std::size_t urgent_last_ = 0;  // ... in the last batch
  bool for_writer_ = false;      // and no committer will take them
  std::size_t wanted_ = 1;       // so many make it worth waking a writer that waits
  std::chrono::microseconds since_{0};  // since when a committer waits for company; 0: it does not
  bool hurried_ = false;                // by hurry()
  bool writer_waits_ = false;   // for something urgent, or for a moment to pass
  bool writer_sleeps_ = false;  // nothing was queued for a while: wake it for anything
};

}  // namespace pgward::audit
