// When a log is due for a checkpoint, and who else is told of it.
//
// Two threads: one wakes once a checkpoint interval and asks the writer for a checkpoint when there are records since
// the last one, or when that is a heartbeat old; the other one carries checkpoints to the anchors, and may wait for
// them. An anchor that cannot be reached is tried again; what it missed is told in one, key changes one by one. That it
// fails, and that it works again, is recorded; when it must not fail (or contradicts the log) the log is barred.
//
//   Notary(config, desk)     begins
//   deliver(checkpoint)      from the writer, when it is durable
//   end_timer()              no more checkpoints are asked for
//   ~Notary                  tells the anchors, once, what they do not know yet
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/anchor.h"
#include "audit/log.h"

namespace pgward::audit {

class Notary {
 public:
  // What it needs of the writer; called from its threads.
  struct Desk {
    std::function<bool()> is_ahead;  // there are records behind the last checkpoint
    std::function<void()> want_checkpoint;
    std::function<void(std::string members)> record;
    std::function<void(bool)> bar;
  };
  Notary(const SigningConfig& config, Desk desk);
  ~Notary();

  void deliver(SignedCheckpoint checkpoint);
  void end_timer();

 private:
  struct Post {
    std::shared_ptr<Anchor> anchor;
    std::vector<SignedCheckpoint> pending;  // oldest first
    std::int64_t failing_since_us = 0;      // 0: it works
    bool refused = false;
  };

  void keep_time();
  void carry();
  static void add(std::vector<SignedCheckpoint>& pending, const SignedCheckpoint& checkpoint);
  void tell(Post& post);
  void news(Post& post, const std::optional<AnchorFault>& fault);

  const SigningConfig config_;
  const Desk desk_;
  std::mutex mutex_;
  std::condition_variable timer_, arrived_;
  std::vector<SignedCheckpoint> inbox_;
  std::int64_t last_us_ = 0;  // time of the last checkpoint
  bool timer_ends_ = false, ends_ = false;
  std::vector<Post> posts_;  // the carrier's
  bool barred_ = false;
  std::thread timekeeper_, carrier_;
};

}  // namespace pgward::audit
