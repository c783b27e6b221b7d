#include "proxy/net/tls_context.h"

#include "proxy/net/client_tls.h"

#include <openssl/err.h>

#include <array>
#include <cstdlib>
#include <optional>

namespace pgward::proxy {
namespace {

std::string reason() {
  std::array<char, 160> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

void common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Compression leaks (CRIME), renegotiation is not needed by any driver.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A record's header and body in one read() of the socket. What was read ahead makes no event of its own:
  // see Stream::buffered().
  SSL_CTX_set_read_ahead(context, 1);
  // A write may be taken up again from another place in memory, and in part; an idle session keeps no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

// The manual's name for protocol 3 over TLS ("SSL Session Encryption"). Offering another is fatal, offering none
// is fine after an SSLRequest; that direct TLS needs it, proxy/session/front_door knows.
constexpr std::array<unsigned char, 11> kAlpn{10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l'};

std::optional<std::string> use_certificate(SSL_CTX* context, const std::string& certificate_file, const std::string& key_file) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    return "certificate " + certificate_file + " cannot be used: " + reason();
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return "private key " + key_file + " cannot be used: " + reason();
  if (SSL_CTX_check_private_key(context) != 1)
    return "private key " + key_file + " does not belong to certificate " + certificate_file;
  return std::nullopt;
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kAlpn.data(), kAlpn.size(), offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

SslContext bare_server_context() {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return nullptr;
  common(context.get());
  // No driver resumes sessions, and the server offers none either: two tickets would be made, encrypted and sent
  // with each log-in for nothing.
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, nullptr);
  return context;
}

std::variant<SslContext, std::string> server_context(const std::string& certificate_file, const std::string& key_file,
                                                     bool tls13_only, const std::string& client_ca,
                                                     const std::string& client_crl) {
  SslContext context = bare_server_context();
  if (!context) return "TLS is not available: " + reason();
  if (tls13_only) SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  if (auto wrong = use_certificate(context.get(), certificate_file, key_file)) return *wrong;
  if (!client_ca.empty())
    if (auto wrong = ask_for_certificates(context.get(), client_ca, client_crl)) return *wrong;
  return context;
}

std::string system_authorities() {
  const char* said = std::getenv(X509_get_default_cert_file_env());
  return said != nullptr && *said != '\0' ? said : X509_get_default_cert_file();
}

std::variant<SslContext, std::string> client_context(const std::string& ca_file, const std::string& certificate_file,
                                                     const std::string& key_file) {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return "TLS is not available: " + reason();
  common(context.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  if (loaded != 1) return "CA file " + ca_file + " cannot be used: " + reason();
  if (!certificate_file.empty())
    if (auto wrong = use_certificate(context.get(), certificate_file, key_file)) return *wrong;
  return context;
}

}  // namespace pgward::proxy
