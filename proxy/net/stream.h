// A non-blocking socket, plain or with TLS directly on it (OpenSSL on the descriptor, no BIO pair).
//
// read() and write() never wait. `again` names what to wait for: during TLS a read may have to wait until
// the socket can be written, and the reverse.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "proxy/net/fd.h"

namespace pgward::proxy {

enum class Io { done, again_readable, again_writable, closed, failed };
struct IoResult {
  Io status = Io::failed;
  std::size_t bytes = 0;
};

class Stream {
 public:
  Stream() = default;
  explicit Stream(Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  bool open() const { return static_cast<bool>(fd_); }
  void close();

  IoResult read(char* into, std::size_t size);
  // The next byte of the socket, below any TLS, without taking it; nothing when there is none yet.
  std::optional<unsigned char> peek() const;
  IoResult write(const char* from, std::size_t size);

  // Then handshake() until it is done. `host` is what the server's certificate must name (verify-full).
  bool begin_server_tls(SSL_CTX* context);
  bool begin_client_tls(SSL_CTX* context, const std::string& host);
  Io handshake();
  bool encrypted() const { return static_cast<bool>(ssl_); }
  std::string tls_version() const;
  bool alpn_agreed() const;
  const SSL* ssl() const { return ssl_.get(); }  // null: no TLS
  // Bytes that OpenSSL has taken from the socket and not given out: no event will tell of them.
  bool buffered() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }
  // Says good-bye (close_notify, FIN) and leaves the receiving side open.
  void finish_sending();

 private:
  Io judge(int result);
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Fd fd_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  bool handshaken_ = false;
};

}  // namespace pgward::proxy
