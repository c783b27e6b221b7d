// What a finished TLS handshake with a client tells a session.
#pragma once

#include <string>
#include <variant>

#include "auth/certificate.h"

namespace pgward::proxy {

struct ClientTls {
  std::string version;    // "TLSv1.3"
  bool alpn = false;      // it agreed on "postgresql"
  std::string end_point;  // tls-server-end-point of our certificate (RFC 5929); empty: it has none
  // Only what a verified chain vouches for.
  std::variant<auth::CertificateFacts, auth::CertificateError> certificate = auth::CertificateError::none_shown;
};

}  // namespace pgward::proxy
