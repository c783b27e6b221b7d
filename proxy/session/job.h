// Work that would hold a reactor up: the session hands it out with an action and waits, the driver has run() called once on
// a thread of a fixed pool, or says turned_away(); then Session::on_news().
//
// It owns what it works on: the session may be gone before it is done.
#pragma once

#include <atomic>
#include <cstddef>

namespace pgward::proxy {

class Job {
 public:
  virtual ~Job() = default;
  // Any thread, once.
  void run() {
    work();
    done_.store(true, std::memory_order_release);
  }
  virtual std::size_t bytes() const = 0;  // that it holds while it waits
  // Not for the processor: it must not stand behind those that do.
  virtual bool waits_for_disk() const { return false; }

  // The thread of the session.
  bool done() const { return done_.load(std::memory_order_acquire); }
  // There was no room: to be asked for again.
  void turn_away() { turned_away_ = true; }
  bool turned_away() const { return turned_away_; }

 private:
  virtual void work() = 0;
  bool turned_away_ = false;
  std::atomic<bool> done_{false};
};

}  // namespace pgward::proxy
