// Opens a non-blocking connection to the first upstream address that answers.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <vector>

#include "proxy/net/addresses.h"
#include "proxy/net/fd.h"
#include "proxy/net/tcp_settings.h"

namespace pgward::proxy {

class ServerConnector {
 public:
  ServerConnector(std::vector<Address> addresses, TcpSettings tcp) : addresses_(std::move(addresses)), tcp_(tcp) {}
  // A socket whose connect() is under way; nothing when no address is left.
  std::optional<Fd> next();
  // After the socket became writable: did it work?
  static bool connected(int fd);

 private:
  std::vector<Address> addresses_;
  TcpSettings tcp_;
  std::size_t tried_ = 0;
};

}  // namespace pgward::proxy
