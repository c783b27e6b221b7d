// A queue in one piece of memory, which is none while the queue is new or was trimmed: std::deque takes 576 bytes
// before anything is in it, and thousands of sessions wait with empty queues.
//
// References are good until the next push_back() or pop_front().
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pgward::proxy {

template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }
  T& front() { return items_[first_]; }
  const T& front() const { return items_[first_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  T& operator[](std::size_t i) { return items_[first_ + i]; }
  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() { return items_.end(); }

  template <class Item>
  void push_back(Item&& item) {
    // What was taken from the front goes before more memory is asked for; half of it at a time, so that each
    // item moves once on average.
    if (items_.size() == items_.capacity() && first_ > items_.size() / 2) {
      items_.erase(items_.begin(), begin());
      first_ = 0;
    }
    items_.emplace_back(std::forward<Item>(item));
  }
  void pop_front() {
    if (size() > 1) {
      T& item = items_[first_++];
      std::destroy_at(&item);  // what it holds goes now
      std::construct_at(&item);
      return;
    }
    items_.clear();
    first_ = 0;
    if (items_.capacity() > kKeptMax) trim();
  }
  // Gives back the memory of an empty queue.
  void trim() {
    if (empty()) std::vector<T>().swap(items_), first_ = 0;
  }
  std::size_t capacity() const { return items_.capacity(); }

 private:
  static constexpr std::size_t kKeptMax = 64;
  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace pgward::proxy
