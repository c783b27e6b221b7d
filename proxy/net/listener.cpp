#include "proxy/net/listener.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace pgward::proxy {
namespace {
constexpr int kAcceptedMax = 64;  // in one go: under a flood, signals and the other listeners have their turn

// The file of a Unix socket is made by bind(): with all permissions taken away, since between bind() and chmod()
// somebody could connect. The mask is the process's: nothing else makes files while listeners are opened.
int bind_unseen(int fd, const Address& address, unsigned mode) {
  if (address.family() != AF_UNIX) return ::bind(fd, address.get(), address.size);
  const mode_t before = ::umask(0777);
  const int result = ::bind(fd, address.get(), address.size);
  ::umask(before);
  if (result != 0) return result;
  return ::chmod(reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path, mode);
}

std::string bound_address(const Fd& socket) {
  Address bound;
  bound.size = sizeof bound.storage;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.size);
  return to_text(bound);
}
}

std::variant<Listener, std::string> Listener::open(const std::string& text, ListenerRules rules, TcpSettings tcp,
                                                   unsigned unix_mode) {
  auto parsed = parse_address(text);
  if (auto* error = std::get_if<std::string>(&parsed)) return "cannot listen on " + text + ": " + *error;
  const Address& address = std::get<std::vector<Address>>(parsed).front();
  Listener listener;
  listener.rules_ = rules;
  listener.tcp_ = tcp;
  listener.fd_ = Fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (address.family() == AF_UNIX) {
    listener.unix_path_ = text.substr(5);
    // A file that a killed process left behind is in the way; one that somebody listens on is not ours.
    Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), address.get(), address.size) == 0)
      return "cannot listen on " + text + ": somebody else does";
    if (errno == ECONNREFUSED) ::unlink(listener.unix_path_.c_str());
  } else {
    ::setsockopt(listener.fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (!listener.fd_ || bind_unseen(listener.fd_.get(), address, unix_mode) != 0 || ::listen(listener.fd_.get(), 1024) != 0)
    return "cannot listen on " + text + ": " + std::strerror(errno);
  listener.bound_to_ = bound_address(listener.fd_);
  return listener;
}

bool Listener::listens_on(const Fd& socket, const std::string& address) {
  auto parsed = parse_address(address);
  int listens = 0, kind = 0;
  socklen_t size = sizeof listens;
  if (std::holds_alternative<std::string>(parsed) ||
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens != 1 ||
      ::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || kind != SOCK_STREAM)
    return false;
  return bound_address(socket) == to_text(std::get<std::vector<Address>>(parsed).front());
}

Listener Listener::adopt(Fd socket, ListenerRules rules, TcpSettings tcp) {
  Listener listener;
  listener.rules_ = rules;
  listener.tcp_ = tcp;
  listener.bound_to_ = bound_address(socket);
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  listener.fd_ = std::move(socket);
  return listener;
}

bool Listener::accept_some(const std::function<void(Fd, const Address&, ListenerRules)>& take) {
  for (int accepted = 0; accepted < kAcceptedMax; ++accepted) {
    Address peer;
    peer.size = sizeof peer.storage;
    Fd client(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    tcp_.apply(client.get(), peer.family());
    take(std::move(client), peer, rules_);
  }
  return true;
}

void Listener::close() {
  if (fd_ && !unix_path_.empty()) ::unlink(unix_path_.c_str());
  fd_.reset();
}

}  // namespace pgward::proxy
