#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "proxy/sinks/sink.h"

namespace pgward::proxy {
namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Stop::Stop() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Stop::now() {
  now_.store(true, std::memory_order_release);
  ::eventfd_write(event_.get(), 1);
}

bool Stop::within_ms(std::int64_t ms, int other_fd) const {
  static_cast<void>(ready(other_fd, POLLIN, ms));
  return is_now();
}

bool Stop::ready(int fd, short events, std::int64_t ms) const {
  const std::int64_t until = steady_ms() + ms;
  while (!is_now()) {
    std::array<pollfd, 2> wanted{{{event_.get(), POLLIN, 0}, {fd, events, 0}}};
    const std::int64_t left = std::max<std::int64_t>(until - steady_ms(), 0);
    const int found = ::poll(wanted.data(), wanted.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (found > 0 && wanted[1].revents != 0) return !is_now();
    if (found == 0 && left == 0) return false;
    if (found < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace pgward::proxy
