#include "proxy/net/addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace pgward::proxy {
namespace {

std::variant<std::vector<Address>, std::string> unix_address(const std::string& path) {
  Address address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof un->sun_path) return "path of a Unix socket must have 1 to 107 bytes";
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, path.c_str(), path.size() + 1);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return std::vector{address};
}

std::uint16_t port_of(const Address& address) {
  if (address.family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  if (address.family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  return 0;
}

std::string host_of(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.family() == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, text, sizeof text);
  else if (address.family() == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr, text, sizeof text);
  return text;
}

}  // namespace

std::variant<std::vector<Address>, std::string> resolve(const std::string& host, std::uint16_t port) {
  if (host.starts_with("/")) return unix_address(host + "/.s.PGSQL." + std::to_string(port));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return "host name cannot be resolved";
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  std::vector<Address> list;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    Address address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
    list.push_back(address);
  }
  return list;
}

std::variant<std::vector<Address>, std::string> parse_address(const std::string& text) {
  if (text.starts_with("unix:")) return unix_address(text.substr(5));
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return "expected HOST:PORT or unix:PATH";
  std::string host = text.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* from = text.data() + colon + 1;
  const char* to = text.data() + text.size();
  auto [end, error] = std::from_chars(from, to, port);
  if (error != std::errc{} || end != to || host.empty()) return "expected HOST:PORT or unix:PATH";
  return resolve(host, port);
}

bool is_loopback(const Address& address) {
  if (address.family() == AF_UNIX) return true;
  if (address.family() == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr.s_addr) >> 24) == 127;
  return address.family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr);
}

std::string to_text(const Address& address) {
  if (address.family() == AF_UNIX) return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
  const std::string host = host_of(address);
  return (address.family() == AF_INET6 ? "[" + host + "]" : host) + ":" + std::to_string(port_of(address));
}

audit::Source source_of(const Address& peer) {
  audit::Source source;
  source.address = peer.family() == AF_UNIX || peer.family() == AF_UNSPEC ? "unix" : host_of(peer);
  source.port = port_of(peer);
  return source;
}

}  // namespace pgward::proxy
