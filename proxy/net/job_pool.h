// A fixed number of threads that plan large statements, or that find tenants' keys, so that no reactor stands still for
// one. Fixed, since the parser keeps a key for every thread that ever called it.
//
// submit() from any thread; `then` is called on a thread of the pool when the job is done. Full: false, and the caller
// asks again when one of its jobs is done, or at the next tick. The destructor finishes what is running and forgets
// what waits; no `then` is called after it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "proxy/session/job.h"

namespace pgward::proxy {

class JobPool {
 public:
  // `bytes_max`: of statements that wait; one is always let in.
  JobPool(unsigned threads, std::size_t bytes_max);
  ~JobPool();
  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;

  bool submit(std::shared_ptr<Job> job, std::function<void()> then);

 private:
  struct Task {
    std::shared_ptr<Job> job;
    std::function<void()> then;
  };
  void work();

  std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Task> tasks_;
  std::size_t bytes_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pgward::proxy
