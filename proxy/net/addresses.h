// Socket addresses as text and back. Resolving a name may wait: only at start-up and on reload.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "audit/event.h"

namespace pgward::proxy {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// "127.0.0.1:6432", "[::1]:6432", "unix:/path/.s.PGSQL.6432". The error names what is wrong.
std::variant<std::vector<Address>, std::string> parse_address(const std::string& text);
// A host name or address with a port, or the directory of a Unix socket.
std::variant<std::vector<Address>, std::string> resolve(const std::string& host, std::uint16_t port);
bool is_loopback(const Address& address);
std::string to_text(const Address& address);
audit::Source source_of(const Address& peer);

}  // namespace pgward::proxy
