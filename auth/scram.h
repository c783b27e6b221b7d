// SCRAM-SHA-256 (RFC 5802, RFC 7677), client side, for our own log-in to the upstream server.
//
//   ScramClient c{password, nonce};           nonce: printable ASCII without ',', from random_nonce()
//   send  SASLInitialResponse(c.client_first())
//   on    AuthenticationSASLContinue(text):   auto final = c.on_server_first(text); send SASLResponse(*final)
//   on    AuthenticationSASLFinal(text):      c.verify_server_final(text) must be true, or the server is not ours
//
// One client, one exchange. A password goes in as the bytes it has, without SASLprep (RFC 4013): for ASCII that
// is the same, for the rest it is what libpq does when a password cannot be prepared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.h"

namespace pgward::auth {

std::string random_nonce();  // empty if the system has no random numbers: a client with it refuses every server

class ScramClient {
 public:
  ScramClient(const Secret& password, std::string nonce);
  std::string client_first() const;  // "n,,n=,r=<nonce>"
  // The client-final-message; nothing when the server's text is malformed, does not extend our nonce, or
  // asks for fewer than 4096 or more than 1,000,000 iterations.
  std::optional<std::string> on_server_first(std::string_view server_first);
  bool verify_server_final(std::string_view server_final) const;

 private:
  Secret password_;
  std::string nonce_;
  std::string expected_server_final_;
};

}  // namespace pgward::auth
