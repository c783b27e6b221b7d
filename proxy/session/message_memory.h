// What all sessions together hold of messages that are not decided yet, or not taken by the server: bounded, so that
// many clients that each begin a large message and stall cannot fill the memory. Another one bounds what prepared
// statements and portals hold in all sessions together.
//
//   MessageMemory memory(bytes_max);        one for all reactors; outlives the shares
//   MessageMemory::Share share(memory);     one for each place that holds bytes
//   share.hold(bytes)                       so many in all, from now on; false: there is no room, nothing was changed
//   share.must_hold(bytes)                  the same for what cannot be refused any more
//
// Small amounts are not counted: a session's first kFreeBytes cost no atomic operation, and are bounded by the number of
// connections.
#pragma once

#include <atomic>
#include <cstddef>

namespace pgward::proxy {

class MessageMemory {
 public:
  static constexpr std::size_t kFreeBytes = 16 * 1024;

  explicit MessageMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  std::size_t held() const { return held_.load(std::memory_order_relaxed); }

  class Share {
   public:
    explicit Share(MessageMemory& memory) : memory_(&memory) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { must_hold(0); }

    bool hold(std::size_t bytes) {
      if (!could_hold(bytes)) return false;
      must_hold(bytes);
      return true;
    }
    // Whether hold() would be true.
    bool could_hold(std::size_t bytes) const {
      const std::size_t counted = bytes > kFreeBytes ? bytes : 0;
      return counted <= counted_ || memory_->room_for(counted - counted_);
    }
    void must_hold(std::size_t bytes) {
      const std::size_t counted = bytes > kFreeBytes ? bytes : 0;
      if (counted == counted_) return;
      memory_->held_.fetch_add(counted - counted_, std::memory_order_relaxed);  // wraps around when it is less
      counted_ = counted;
    }

   private:
    MessageMemory* memory_;
    std::size_t counted_ = 0;
  };

 private:
  // Two threads may both find the last room: they overdraw by one piece that was read each, not by a message.
  bool room_for(std::size_t bytes) const { return held() + bytes <= bytes_max_; }

  std::size_t bytes_max_;
  std::atomic<std::size_t> held_{0};
};

}  // namespace pgward::proxy
