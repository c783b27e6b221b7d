#include "proxy/net/stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>

namespace pgward::proxy {

void Stream::close() {
  ssl_.reset();
  fd_.reset();
}

// SSL_get_error() also looks into the thread's error queue: whoever leaves an error there makes an innocent
// session fail. So every failure of ours empties it, and the path of a message need not.
Io Stream::judge(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return Io::again_readable;
    case SSL_ERROR_WANT_WRITE: return Io::again_writable;
    case SSL_ERROR_ZERO_RETURN: return Io::closed;
    default:
      ERR_clear_error();
      return Io::failed;
  }
}

IoResult Stream::read(char* into, std::size_t size) {
  if (ssl_) {
    std::size_t got = 0;
    if (SSL_read_ex(ssl_.get(), into, size, &got) == 1) return {Io::done, got};
    return {judge(0), 0};
  }
  const ssize_t got = ::recv(fd_.get(), into, size, 0);
  if (got > 0) return {Io::done, static_cast<std::size_t>(got)};
  if (got == 0) return {Io::closed, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Io::again_readable, 0};
  return {Io::failed, 0};
}

IoResult Stream::write(const char* from, std::size_t size) {
  if (ssl_) {
    std::size_t put = 0;
    if (SSL_write_ex(ssl_.get(), from, size, &put) == 1) return {Io::done, put};
    return {judge(0), 0};
  }
  const ssize_t put = ::send(fd_.get(), from, size, MSG_NOSIGNAL);
  if (put >= 0) return {Io::done, static_cast<std::size_t>(put)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Io::again_writable, 0};
  return {Io::failed, 0};
}

bool Stream::begin_server_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  ERR_clear_error();
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) return false;
  SSL_set_accept_state(ssl_.get());
  return true;
}

bool Stream::begin_client_tls(SSL_CTX* context, const std::string& host) {
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) return false;
  in6_addr address;
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl_.get());
  if (is_address) {
    if (X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) != 1) return false;
  } else if (SSL_set1_host(ssl_.get(), host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) != 1) {
    return false;
  }
  SSL_set_connect_state(ssl_.get());
  return true;
}

Io Stream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return judge(result);
  handshaken_ = true;
  return Io::done;
}

std::optional<unsigned char> Stream::peek() const {
  unsigned char byte = 0;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK) == 1 ? std::optional(byte) : std::nullopt;
}

// Ours is the only name that our side agrees to.
bool Stream::alpn_agreed() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (ssl_) SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return size > 0;
}

std::string Stream::tls_version() const { return ssl_ ? SSL_get_version(ssl_.get()) : ""; }

void Stream::finish_sending() {
  if (ssl_ && handshaken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    SSL_free_buffers(ssl_.get());  // of the alert; thousands of clients may be sent away at once
  }
  if (fd_) ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace pgward::proxy
