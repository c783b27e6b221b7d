// One client session from its first byte to its last, as a machine without I/O: events in, actions out.
// The clock is an argument, sockets and TLS are the driver's (proxy/net/link).
//
// Phases: front door (TLS, start-up, password) -> upstream log-in -> relay. A client session and an upstream
// link are two things; what ties them is the list of actions.
//
// Order of calls: any event at any time, one after another. Each adds to `actions`, which the driver carries
// out in order and then clears. After a Close action only destruction is due.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "audit/event.h"
#include "proxy/session/actions.h"
#include "proxy/session/client_tls.h"
#include "proxy/session/front_door.h"
#include "proxy/session/inbox.h"
#include "proxy/session/lifetime.h"
#include "proxy/session/relay.h"
#include "proxy/session/upstream_login.h"

namespace pgward::proxy {

class Session {
 public:
  Session(Services& services, ListenerRules rules, audit::Source source);
  ~Session();

  void on_client_bytes(ByteView bytes, Actions& actions);
  void on_server_bytes(ByteView bytes, Actions& actions);
  void on_client_hello(Actions& actions);  // TLS at once: the first byte is a ClientHello's, and was not taken
  // Handshake done.
  void on_client_tls(ClientTls tls, Actions& actions);
  void on_server_connected(Actions& actions);
  void on_server_tls(Actions& actions);
  void on_server_unreachable(Actions& actions);  // no connection, or its TLS failed
  void on_client_gone(Actions& actions);
  void on_server_gone(Actions& actions);
  void on_news(Actions& actions);  // of a PlanElsewhere or FindKey, or the catalogs were read: what waits may go on
  void on_audit_failed(Actions& actions);  // what was held back for a record was dropped
  void on_clock(Actions& actions);         // about once a second, and when credentials were revoked
  void on_shutdown(bool now, Actions& actions);  // not `now`: only if idle

  // False while more client bytes would have to wait anyway.
  bool wants_client_bytes() const;
  bool relaying() const { return relay_.has_value(); }
  // Gives back memory that an idle session does not need; it comes back by itself.
  void trim();

 private:
  // What is needed until the relay begins, and goes then: most sessions are idle most of the time.
  struct Login {
    Login(Services& services, ListenerRules rules, audit::Source from) : door(services, rules, from.address), source(std::move(from)) {}
    FrontDoor door;
    audit::Source source;
    std::optional<Admitted> admitted;
    std::shared_ptr<KeyJob> key;  // of the admitted one's tenant, while it is looked for
    std::optional<Scribe> scribe;
    std::optional<UpstreamLogin> upstream;
  };

  void door_closed(Actions& actions);
  void admit(Actions& actions);
  void find_key(Actions& actions);
  void key_found(Actions& actions);
  void begin(Actions& actions);
  void client_step(ByteView& input, Actions& actions);
  void server_step(ByteView& input, Actions& actions);
  void log_in_upstream(ByteView& input, Actions& actions);
  bool revoked(const Bound& bound);
  void end(SessionError error, Actions& actions);
  void end_now(SessionError error, Rest rest, Actions& actions);
  void close(std::string_view why, Actions& actions);

  Services& services_;
  std::unique_ptr<Login> login_;  // one of these two
  std::optional<Relay> relay_;
  Inbox client_in_, server_in_;
  std::uint32_t pid_ = 0;  // under which our cancel key is registered; 0: it is not
  Bytes client_key_;
  Lifetime lifetime_;
  std::uint64_t revocations_seen_ = 0;  // version of the list
  bool over_ = false;
  bool failure_recorded_ = false;
};

}  // namespace pgward::proxy
