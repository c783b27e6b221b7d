// Carries the trail to one sink, in a thread of its own, at least once: a record counts as delivered when the other side
// has said so, and the cursor is written after that. What fails is tried again, later and later, for ever: the log is the
// buffer, nothing is dropped, and nobody waits for a sink.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "audit/log.h"
#include "proxy/sinks/route.h"

namespace pgward::proxy {

class Courier {
 public:
  // `make` connects to nothing yet. What it refers to outlives the courier.
  Courier(const SinkPlace& place, std::filesystem::path log_directory, audit::Producer producer, std::function<std::unique_ptr<Sink>(const SinkPlace&, const Stop&)> make);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void start(const audit::Log& log);
  // The log has grown. From the writer's thread: costs it one exchange of a flag while the courier is busy.
  void ring();
  // What is there is delivered, once: what fails now stays for the next start. After start().
  void finish() {
    finishing_ = true;
    wake();
  }
  void await_done(std::chrono::steady_clock::time_point until) const { static_cast<void>(ended_.wait_until(until)); }
  void stop();  // now

  struct Health {
    std::string name;
    std::uint64_t delivered = 0, lag_records = 0;
    double lag_s = 0;
    bool up = false;
  };
  Health health() const;

 private:
  void run();
  template <class Step>
  bool guarded(const Step& step);
  bool work();                  // false: something went wrong
  bool hand_over(const Load& load);
  bool open();
  void idle();
  void save_when_due(bool at_once);
  void complain(const std::string& what);
  void content();
  void back_off();
  void wake();

  const SinkPlace& place_;
  const std::filesystem::path folder_;  // of the cursors
  Stop stop_;
  Fd bell_;
  Route route_;
  const std::function<std::unique_ptr<Sink>(const SinkPlace&, const Stop&)> make_;
  std::unique_ptr<Sink> sink_;  // null: before the first load, and after an error within
  const audit::Log* log_ = nullptr;
  std::atomic<bool> listening_{false}, finishing_{false}, up_{false};
  std::atomic<std::uint64_t> delivered_{0}, seq_{0};
  std::atomic<std::int64_t> oldest_us_{0}, caught_up_us_{0};  // of what is under way; when all was delivered
  bool opened_ = false, complained_ = false, unsavable_ = false;  // the last: its cursor, which it complained of
  std::string complaint_;
  std::int64_t saved_ms_ = 0, complained_ms_ = 0;
  unsigned failures_ = 0;
  std::minstd_rand random_;
  std::promise<void> end_;
  const std::future<void> ended_{end_.get_future()};
  std::thread thread_;
};

}  // namespace pgward::proxy
