#include "proxy/serve/supervisor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace pgward::proxy {
namespace {

constexpr int kFirstSocket = 3;  // SD_LISTEN_FDS_START
constexpr int kSocketsMax = 64;

// Taken out: what we might start one day is not meant.
std::string taken(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  std::string text = value ? value : "";
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

Supervisor::Supervisor() : notify_path_(taken("NOTIFY_SOCKET")) {
  const auto usec = number(taken("WATCHDOG_USEC"));
  const auto watched = number(taken("WATCHDOG_PID"));
  if (usec && *usec > 0 && (!watched || *watched == ::getpid())) watchdog_ms_ = *usec / 1000;
  const auto meant = number(taken("LISTEN_PID"));
  const auto count = number(taken("LISTEN_FDS"));
  ::unsetenv("LISTEN_FDNAMES");
  if (!meant || *meant != ::getpid() || !count || *count < 1 || *count > kSocketsMax) return;
  for (int fd = kFirstSocket; fd < kFirstSocket + *count; ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets_.emplace_back(fd);
  }
}

void Supervisor::ready(std::string_view status) { say("READY=1\nSTATUS=" + std::string(status)); }

void Supervisor::reloading(std::int64_t steady_us) {
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(steady_us) + "\nSTATUS=reading policy, keys and certificates again");
}

void Supervisor::stopping(std::int64_t drain_s) {
  // Some time to end what is left, besides.
  say("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string((drain_s + 10) * 1'000'000) +
      "\nSTATUS=no new sessions; busy ones have " + std::to_string(drain_s) + " s");
}

void Supervisor::beat() { say("WATCHDOG=1"); }

void Supervisor::say(const std::string& state) {
  if (notify_path_.empty() || (notify_path_[0] != '/' && notify_path_[0] != '@')) return;
  sockaddr_un address{};
  if (notify_path_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, notify_path_.data(), notify_path_.size());
  if (notify_path_[0] == '@') address.sun_path[0] = '\0';  // no file: the abstract namespace
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_path_.size());
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return;
  static_cast<void>(::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

}  // namespace pgward::proxy
