#include "proxy/session/session.h"

#include <algorithm>

namespace pgward::proxy {
namespace {

constexpr std::int64_t kLoginSecondsMax = 30;
// At the end of its credential a session that is busy may finish its transaction for so long.
constexpr std::int64_t kExpiryGraceSeconds = 10;

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// Whether a session that logged in under one policy can go on under another: its tenant settings were sent
// with its start-up packet, and a session under which nothing was protected has not even its SQL looked at.
bool same_footing(const policy::Policy& before, const policy::Policy& now) {
  if (&before == &now) return true;
  return before.passes_everything() == now.passes_everything() &&
         std::ranges::equal(before.tenant, now.tenant, [](const auto& a, const auto& b) {
           return a.name == b.name && a.claim == b.claim && a.setting == b.setting && a.type == b.type;
         });
}

audit::Actor actor_of(const Admitted& admitted) {
  const auth::Identity& identity = admitted.identity;
  return {identity.issuer, identity.subject, admitted.caller.role, identity.credential_type, identity.credential_id,
          identity.expires_at, admitted.caller.tenant.all()};
}

}  // namespace

Session::Session(Services& services, ListenerRules rules, audit::Source source)
    : services_(services), source_(std::move(source)), door_(services, rules), opened_at_(services.now()) {}

Session::~Session() {
  if (login_ && login_->pid() != 0) services_.forget_cancel(login_->pid(), login_->client_key());
}

bool Session::wants_client_bytes() const {
  if (over_ || door_.tls_pending()) return false;
  if (relay_) return !relay_->waiting();
  return !admitted_;
}

void Session::end(SessionError error, Actions& actions) {
  if (over_) return;
  over_ = true;
  if (relay_) return relay_->end(error, actions);
  // Between the "S" and the end of the handshake nothing can be said: neither in plaintext nor inside TLS.
  if (!door_.tls_pending()) actions.send_to_client(fatal_message(error));
  if (scribe_) scribe_->closed(text_of(error).why, 0, actions);
  actions.add(Close{text_of(error).why});
}

void Session::close(std::string_view why, Actions& actions) {
  if (over_) return;
  over_ = true;
  if (relay_) return relay_->close(why, actions);
  if (scribe_) scribe_->closed(why, 0, actions);
  actions.add(Close{why});
}

void Session::on_client_bytes(ByteView bytes, Actions& actions) {
  client_in_.feed(bytes, [&](ByteView& input) { client_step(input, actions); });
}

void Session::door_closed(Actions& actions) {
  over_ = true;
  if (door_.failure().empty() || failure_recorded_) return;
  failure_recorded_ = true;
  actions.add(Record{audit::members(audit::AuthFail{source_, door_.failure()})});
}

void Session::client_step(ByteView& input, Actions& actions) {
  if (relay_) return relay_->client(input, actions);
  if (over_ || admitted_) return;
  while (door_.step(input, actions)) {
  }
  if (door_.over()) return door_closed(actions);
  if (!door_.admitted()) return;
  admitted_ = std::move(door_.admitted());
  source_.application = admitted_->application;
  const Upstream& upstream = services_.upstream();
  scribe_.emplace(audit::session_members(actor_of(*admitted_), source_,
                                         {upstream.host, admitted_->caller.database, upstream.user}),
                  hex(services_.random_bytes(16)));
  scribe_->opened(admitted_->world->policy->source_sha256, actions);
  login_.emplace(services_, *admitted_);
  actions.add(ConnectServer{});
}

void Session::on_server_bytes(ByteView bytes, Actions& actions) {
  const bool had_relay = relay_.has_value();
  server_in_.feed(bytes, [&](ByteView& input) { server_step(input, actions); });
  // A client may have sent statements right behind its password: no event will tell of them again.
  if (relay_ && (relay_->waiting() || !had_relay)) on_client_bytes({}, actions);
}

void Session::server_step(ByteView& input, Actions& actions) {
  if (!relay_ && login_) {
    while (login_->step(input, actions)) {
    }
    if (login_->over()) {
      over_ = true;
      scribe_->closed("upstream log-in failed", 0, actions);
    }
    if (login_->done()) relay_.emplace(services_, *admitted_, *scribe_);
  }
  if (relay_) relay_->server(input, actions);
}

void Session::on_client_hello(Actions& actions) {
  door_.direct_tls(actions);
  if (door_.over()) door_closed(actions);
}

void Session::on_client_tls(std::string_view version, bool alpn, Actions& actions) {
  source_.tls = std::string(version);
  door_.client_tls_done(alpn, actions);
  if (door_.over()) door_closed(actions);
}

void Session::on_server_connected(Actions& actions) {
  if (login_ && !over_) login_->connected(actions);
}

void Session::on_server_tls(Actions& actions) {
  if (login_ && !over_) login_->server_tls_done(actions);
}

void Session::on_server_unreachable(Actions& actions) { end(SessionError::upstream_unreachable, actions); }
void Session::on_client_gone(Actions& actions) {
  // Nobody waits for what is running any more.
  if (!over_ && relay_ && !relay_->idle()) actions.add(ForwardCancel{login_->pid(), login_->client_key()});
  close("client went away", actions);
}

void Session::on_server_gone(Actions& actions) {
  if (!relay_) return end(SessionError::upstream_unreachable, actions);
  close("upstream closed the connection", actions);
}

void Session::on_audit_failed(Actions& actions) { end(SessionError::audit_unavailable, actions); }

void Session::on_clock(Actions& actions) {
  if (over_) return;
  const auth::UnixTime now = services_.now();
  if (!relay_) {
    if (now - opened_at_ > kLoginSecondsMax) end(SessionError::authentication_timeout, actions);
    return;
  }
  if (!same_footing(*admitted_->world->policy, *services_.world()->policy)) return end(SessionError::policy_changed, actions);
  const auth::UnixTime expires = admitted_->identity.expires_at;
  if (now >= expires && (relay_->idle() || now >= expires + kExpiryGraceSeconds))
    end(SessionError::credential_expired, actions);
}

void Session::on_shutdown(bool now, Actions& actions) {
  if (now || !relay_ || relay_->idle()) end(SessionError::shutting_down, actions);
}

}  // namespace pgward::proxy
