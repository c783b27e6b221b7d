#include "proxy/sinks/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

namespace pgward::proxy {
namespace {

constexpr std::int64_t kPatienceMs = 60'000;

}  // namespace

// No more than what a pipe takes at once when it says that it is ready: a reader that stands still never blocks us.
bool StandardOutput::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!stop_.ready(fd_, POLLOUT, kPatienceMs)) return errno = ETIMEDOUT, false;
    const ssize_t n = ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return false;
    torn_ = n > 0 ? bytes[static_cast<std::size_t>(n) - 1] != '\n' : torn_;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::optional<std::string> StandardOutput::deliver(std::span<const Parcel> parcels) {
  const std::string_view end = format_ == audit::Format::csv ? "\r\n" : "\n";
  const auto failed = [] { return "standard output: " + std::error_code(errno, std::generic_category()).message(); };
  if (torn_ && !write(end)) return failed();
  if (format_ == audit::Format::csv && !begun_ && !write(audit::csv_header() + std::string(end))) return failed();
  begun_ = true;
  std::string bytes;
  for (const Parcel& parcel : parcels)
    for (const std::string& text : parcel.texts) (bytes += text) += end;
  return write(bytes) ? std::nullopt : std::optional(failed());
}

}  // namespace pgward::proxy
