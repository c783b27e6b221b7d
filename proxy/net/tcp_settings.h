// What TCP does about peers that have vanished; the names are PostgreSQL's (tcp_keepalives_idle and so on).
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace pgward::proxy {

struct TcpSettings {
  // A vanished client's session is gone after two minutes; the system's own defaults take two hours.
  int keepalives_idle_s = 60;
  int keepalives_interval_s = 10;
  int keepalives_count = 6;
  // 0: the system's. A limit also ends connections of peers that do not read for so long (a paused COPY).
  int user_timeout_ms = 0;

  // Also sends small messages at once. Does nothing to a Unix socket.
  void apply(int fd, int family) const {
    if (family != AF_INET && family != AF_INET6) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalives_idle_s, sizeof keepalives_idle_s);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &keepalives_interval_s, sizeof keepalives_interval_s);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &keepalives_count, sizeof keepalives_count);
    if (user_timeout_ms > 0) ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
  }
};

}  // namespace pgward::proxy
