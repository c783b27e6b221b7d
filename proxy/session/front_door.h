// The first packets of a connection, up to the client's password (manual, "Start-up"):
// SSLRequest and GSSENCRequest at most once each, then CancelRequest or StartupMessage, then PasswordMessage.
// Instead of an SSLRequest a client may begin TLS at once (PostgreSQL 17, sslnegotiation=direct).
//
// Everything here comes from somebody who has not proved anything: sizes are bounded, the answer to a bad
// log-in is the same whatever was wrong, and nothing of what was sent is kept, logged or sent back.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/access_rule.h"
#include "auth/scram_server.h"
#include "proxy/session/actions.h"
#include "proxy/session/admit.h"
#include "proxy/session/client_tls.h"
#include "proxy/session/login_errors.h"
#include "proxy/session/services.h"

namespace pgward::proxy {

// What a listener asks of its clients.
struct ListenerRules {
  bool tls_available = true;
  bool plaintext_allowed = false;  // Unix sockets, and loopback when configured
  bool full = false;               // no place for another session: its StartupMessage is refused
};

class FrontDoor {
 public:
  // `address`: of the client, as text, or "unix".
  FrontDoor(Services& services, ListenerRules rules, std::string address)
      : services_(services), rules_(rules), address_(std::move(address)) {}

  // Takes one packet from the front of `input` and moves it on. False: more bytes are due, or it is over.
  bool step(ByteView& input, Actions& actions);
  // The first byte of all is that of a TLS ClientHello; nothing of it was taken from the socket.
  void direct_tls(Actions& actions);
  // Direct TLS insists on ALPN (manual, "SSL Session Encryption"): without, somebody could make a browser or mail
  // client talk to us.
  void client_tls_done(ClientTls tls, Actions& actions);

  // A failed log-in hears of it later (Services::login_failed); until then nothing is read.
  bool held() const { return held_until_ != 0; }
  // True once the answer has gone out.
  bool release(auth::UnixTime now, Actions& actions);
  bool tls_pending() const { return tls_pending_; }
  bool over() const { return over_; }
  // Set when the password was right; then the upstream log-in begins.
  std::optional<Admitted>& admitted() { return admitted_; }
  // A code for the audit trail when a log-in failed.
  std::string_view failure() const { return failure_; }

 private:
  bool first_packet(ByteView& input, Actions& actions);
  bool password_packet(ByteView& input, Actions& actions);
  void startup(std::vector<std::pair<std::string, std::string>> parameters, Actions& actions);
  void ask_for_proof(Actions& actions);
  std::optional<auth::Identity> verified_token(ByteView token, std::string_view& failure);
  void check_password(ByteView password, Actions& actions);
  void check_certificate(Actions& actions);
  void offer_sasl(Actions& actions);
  bool sasl_packet(ByteView body, Actions& actions);
  bool oauth_packet(ByteView body, Actions& actions);
  bool sasl_first(ByteView body, Actions& actions);
  void let_in(auth::Identity identity, Actions& actions);
  bool refuse(SessionError error, Actions& actions, std::string_view failure = {});

  Services& services_;
  ListenerRules rules_;
  std::string address_;
  bool encrypted_ = false;
  bool tls_pending_ = false;
  bool ssl_asked_ = false;
  bool direct_ = false;
  bool gss_asked_ = false;
  bool password_due_ = false;
  bool over_ = false;
  std::string failure_;
  auth::UnixTime held_until_ = 0;
  std::shared_ptr<const World> world_;
  StartupRequest request_;
  auth::Method method_ = auth::Method::reject;
  ClientTls tls_;
  std::optional<auth::ScramServer> scram_;
  std::string_view oauth_refused_;  // why, once the client has been told where tokens come from
  std::optional<Admitted> admitted_;
};

}  // namespace pgward::proxy
