#include "proxy/net/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>

namespace pgward::proxy {
namespace {

void control(int epoll, int operation, int fd, std::uint32_t events, Handler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

int wait_for(int epoll, std::span<epoll_event> events, std::chrono::microseconds longest) {
  const timespec timeout{longest.count() / 1'000'000, longest.count() % 1'000'000 * 1000};
  const int count = epoll_pwait2(epoll, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count >= 0 || errno == EINTR) return count;
  // A kernel before 5.11 does not know it (ENOSYS), nor does a container's list of what is allowed that is as old (EPERM).
  // Milliseconds, then: not too early, or it would be asked again and again.
  return epoll_wait(epoll, events.data(), static_cast<int>(events.size()), static_cast<int>((longest.count() + 999) / 1000));
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Poller::add(int fd, std::uint32_t events, Handler& handler) {
  control(epoll_.get(), EPOLL_CTL_ADD, fd, events, &handler);
}

void Poller::change(int fd, std::uint32_t events, Handler& handler) { control(epoll_.get(), EPOLL_CTL_MOD, fd, events, &handler); }

void Poller::remove(int fd, Handler& handler) {
  epoll_event unused{};
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &unused);
  if (telling_) gone_.push_back(&handler);
}

void Poller::wait(std::chrono::microseconds longest) {
  std::array<epoll_event, 128> events;
  const int count = wait_for(epoll_.get(), events, longest);
  telling_ = true;
  for (int i = 0; i < count; ++i) {
    auto* handler = static_cast<Handler*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (!gone_.empty() && std::find(gone_.begin(), gone_.end(), handler) != gone_.end()) continue;
    handler->on_events(events[static_cast<std::size_t>(i)].events);
  }
  telling_ = false;
  gone_.clear();
}

}  // namespace pgward::proxy
