// The other end of a TLS connection, with its bytes in hand: what it would send can be cut and joined at will.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "protocol/bytes.h"
#include "proxy/net/tls_context.h"

namespace pgward::proxy::test {

// A key and a certificate for "test" that it signs itself.
inline void certify(SSL_CTX* context) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0 || SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    throw std::runtime_error("no certificate");
}

class TlsPeer {
 public:
  explicit TlsPeer(bool server) : context_(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method())) {
    if (server) certify(context_.get());
    SSL_CTX_set_num_tickets(context_.get(), 0);
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }

  // One step of the handshake; true: done.
  bool shake() { return SSL_do_handshake(ssl_.get()) == 1; }
  // Encrypted, as one record for each piece of 16 kB.
  void say(protocol::ByteView text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
  // What goes over the wire.
  protocol::Bytes sent() {
    protocol::Bytes bytes(static_cast<std::size_t>(BIO_ctrl_pending(out_)), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  // What came over the wire, and the text in it.
  protocol::Bytes hear(protocol::ByteView bytes) {
    if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    protocol::Bytes text;
    char piece[16384];
    for (int got; (got = SSL_read(ssl_.get(), piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
    return text;
  }
  void take(protocol::ByteView bytes) { BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  SslContext context_;
  std::unique_ptr<SSL, Free> ssl_;
  BIO* in_ = nullptr;   // the SSL's
  BIO* out_ = nullptr;
};

}  // namespace pgward::proxy::test
