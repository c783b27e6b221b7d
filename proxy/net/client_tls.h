// Reads what a session wants to know from a finished handshake, and keeps what OpenSSL found wrong with a client's
// certificate until somebody asks.
//
// A certificate that does not verify does not end the handshake: the log-in that asks for one is refused, with the same
// answer as for any other bad credential and a record in the trail; a log-in that asks for none is not disturbed by what
// its driver sends along.
#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>

#include "proxy/session/client_tls.h"

namespace pgward::proxy {

ClientTls client_tls_of(const SSL* ssl, bool alpn);

// Makes a server's context ask for client certificates. The error says which file is wrong.
std::optional<std::string> ask_for_certificates(SSL_CTX* context, const std::string& ca_file, const std::string& crl_file);

}  // namespace pgward::proxy
