// Opens a non-blocking connection to the first upstream address that answers.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <vector>

#include "proxy/net/addresses.h"
#include "proxy/net/fd.h"

namespace pgward::proxy {

class ServerConnector {
 public:
  explicit ServerConnector(std::vector<Address> addresses) : addresses_(std::move(addresses)) {}
  // A socket whose connect() is under way; nothing when no address is left.
  std::optional<Fd> next();
  // After the socket became writable: did it work?
  static bool connected(int fd);

 private:
  std::vector<Address> addresses_;
  std::size_t tried_ = 0;
};

}  // namespace pgward::proxy
