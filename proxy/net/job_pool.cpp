#include "proxy/net/job_pool.h"

namespace pgward::proxy {

JobPool::JobPool(unsigned threads, std::size_t bytes_max) : bytes_max_(bytes_max) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

JobPool::~JobPool() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool JobPool::submit(std::shared_ptr<Job> job, std::function<void()> then) {
  {
    std::lock_guard lock(mutex_);
    if (!tasks_.empty() && bytes_ + job->bytes() > bytes_max_) return false;
    bytes_ += job->bytes();
    tasks_.push_back({std::move(job), std::move(then)});
  }
  wanted_.notify_one();
  return true;
}

void JobPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
    if (stop_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    bytes_ -= task.job->bytes();
    lock.unlock();
    task.job->run();
    task.then();
    task = {};  // its memory goes outside of the lock
    lock.lock();
  }
}

}  // namespace pgward::proxy
