// TLS settings of both legs (OpenSSL 3): TLS 1.2 or newer, our certificate for clients, verify-full for the
// upstream server.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <variant>

namespace pgward::proxy {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// The error says which file is wrong and how, without anything of its content.
// `client_ca`: empty, or clients are asked for certificates of these authorities; `client_crl`: empty, or what those have
// taken back.
std::variant<SslContext, std::string> server_context(const std::string& certificate_file, const std::string& key_file,
                                                     bool tls13_only, const std::string& client_ca = {},
                                                     const std::string& client_crl = {});
// The same without a certificate yet.
SslContext bare_server_context();
// `certificate_file` and `key_file`: what we show ourselves; empty: nothing.
std::variant<SslContext, std::string> client_context(const std::string& ca_file, const std::string& certificate_file = {},
                                                     const std::string& key_file = {});

// The file of authorities that OpenSSL looks into when it is told of none. For libpq, which has no word for them before 16.
std::string system_authorities();

}  // namespace pgward::proxy
