#include "proxy/net/server_connector.h"

#include <cerrno>

namespace pgward::proxy {

std::optional<Fd> ServerConnector::next() {
  while (tried_ < addresses_.size()) {
    const Address& address = addresses_[tried_++];
    Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) continue;
    tcp_.apply(fd.get(), address.family());
    if (::connect(fd.get(), address.get(), address.size) == 0 || errno == EINPROGRESS) return fd;
  }
  return std::nullopt;
}

bool ServerConnector::connected(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace pgward::proxy
