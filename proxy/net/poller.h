// A level-triggered epoll set, and what is told about its events.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "proxy/net/fd.h"

namespace pgward::proxy {

class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_events(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR
};

class Poller {
 public:
  Poller();
  void add(int fd, std::uint32_t events, Handler& handler);
  void change(int fd, std::uint32_t events, Handler& handler);
  void remove(int fd, Handler& handler);
  // Waits for events and tells their handlers. A handler that was removed meanwhile hears nothing.
  void wait(std::chrono::microseconds longest);

 private:
  Fd epoll_;
  std::vector<Handler*> gone_;  // removed while a round of events is being told
  bool telling_ = false;
};

}  // namespace pgward::proxy
