// How a step on disk went wrong: what was tried, and errno.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgward::audit {

struct IoError {
  std::string_view step;     // "open", "write", "sync", "truncate", ...: a constant
  int number = 0;            // errno
  std::string text() const;  // "write: No space left on device"
};
using IoResult = std::optional<IoError>;  // nothing: it worked

// A file descriptor that is closed when it goes.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int release();
  int fd_ = -1;
};

}  // namespace pgward::audit
