#include "audit/io.h"

#include <unistd.h>

#include <system_error>
#include <utility>

namespace pgward::audit {

std::string IoError::text() const {
  return std::string(step) + ": " + std::generic_category().message(number);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int Fd::release() {
  return std::exchange(fd_, -1);
}

}  // namespace pgward::audit
