// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677, RFC 5929), server side, for clients that know nothing of tokens.
//
//   ScramServer server{keys, salt, iterations, nonce, offer};      one exchange
//   send  AuthenticationSASL(mechanisms of the offer)
//   on    SASLInitialResponse(mechanism, text): auto first = server.on_client_first(mechanism, text)   send SASLContinue
//   on    SASLResponse(text):                   auto last = server.on_client_final(text)               send SASLFinal
//
// Nothing tells a wrong password from a user whom nobody knows: the caller gives such a one keys that no password has.
// An error is a code for the audit trail; the client hears the same whatever it is. After an error the exchange is over.
//
// Downgrade (RFC 5802, section 6): a client that could bind and believes that we cannot says "y"; where PLUS was
// offered, somebody took it out of the list on the way. The proof covers that letter, so nobody can change it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "auth/scram_keys.h"

namespace pgward::auth {

inline constexpr std::string_view kScram = "SCRAM-SHA-256";
inline constexpr std::string_view kScramPlus = "SCRAM-SHA-256-PLUS";

enum class ScramError {
  malformed, unknown_mechanism, downgrade, binding_not_offered, wrong_binding_type, wrong_binding, authorization_identity,
  wrong_nonce, wrong_proof, out_of_order, no_crypto,
  count_
};
std::string_view name_of(ScramError error);

class ScramServer {
 public:
  struct Offer {
    bool plain = true;      // SCRAM-SHA-256
    std::string end_point;  // tls-server-end-point; empty: PLUS is not offered
  };
  ScramServer(ScramKeys keys, std::string salt, std::uint32_t iterations, std::string nonce, Offer offer);

  std::variant<std::string, ScramError> on_client_first(std::string_view mechanism, std::string_view text);
  std::variant<std::string, ScramError> on_client_final(std::string_view text);

 private:
  enum class Due { first, final, nothing };
  std::variant<std::string, ScramError> first(std::string_view mechanism, std::string_view text);

  ScramKeys keys_;
  std::string salt_;
  std::uint32_t iterations_;
  std::string nonce_;  // ours, then the client's and ours
  Offer offer_;
  Due due_ = Due::first;
  std::string binding_;  // what "c=" has to say, in base64
  std::string first_messages_;  // client-first-bare "," server-first
};

}  // namespace pgward::auth
