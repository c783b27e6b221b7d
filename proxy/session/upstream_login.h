// Our own log-in to the upstream server: SSLRequest, StartupMessage, SCRAM-SHA-256, then the burst of
// ParameterStatus up to the first ReadyForQuery, which the client sees as its own.
//
// Clear-text and MD5 authentication are refused: they would give our secret, or a hash of it, to whoever
// sits in the server's place.
#pragma once

#include <optional>
#include <string>

#include "auth/scram.h"
#include "proxy/session/actions.h"
#include "proxy/session/front_door.h"
#include "proxy/session/login_errors.h"
#include "proxy/session/services.h"

namespace pgward::proxy {

class UpstreamLogin {
 public:
  UpstreamLogin(Services& services, const Admitted& admitted) : services_(services), admitted_(admitted) {}

  void connected(Actions& actions);
  void server_tls_done(Actions& actions);
  // Takes one message from the front of `input`. False: more bytes are due, or it is over, or done.
  bool step(ByteView& input, Actions& actions);

  bool done() const { return done_; }
  bool over() const { return over_; }
  std::optional<SessionError> failure() const { return failure_; }
  std::uint32_t pid() const { return pid_; }
  const Bytes& client_key() const { return client_key_; }

 private:
  bool message(char type, ByteView body, ByteView whole, Actions& actions);
  bool authentication(ByteView body, Actions& actions);
  bool server_error(ByteView body, Actions& actions);
  bool fail(SessionError error, Actions& actions);
  void send_startup(Actions& actions);

  Services& services_;
  const Admitted& admitted_;
  std::uint16_t minor_ = 0;  // of protocol 3, as we asked for it
  bool tls_answer_due_ = false;
  bool authenticated_ = false;
  bool done_ = false;
  bool over_ = false;
  bool server_proved_itself_ = false;
  std::optional<auth::ScramClient> scram_;
  std::optional<SessionError> failure_;
  std::uint32_t pid_ = 0;
  Bytes client_key_;
};

}  // namespace pgward::proxy
