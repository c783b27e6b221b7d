#include "proxy/session/session.h"

#include <algorithm>

namespace pgward::proxy {
namespace {

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
  return before.passes_everything() == now.passes_everything() && before.has_unbound_roles() == now.has_unbound_roles() &&
         std::ranges::equal(before.tenant, now.tenant, [](const auto& a, const auto& b) {
           return a.name == b.name && a.claim == b.claim && a.setting == b.setting && a.type == b.type;
         });
}

audit::Actor actor_of(const Admitted& admitted) {
  const auth::Identity& identity = admitted.identity;
  return {identity.issuer, identity.subject, admitted.caller.role, identity.credential_type, identity.credential_id,
          identity.expires_at, admitted.caller.tenant.all(), admitted.caller.bound};
}

}  // namespace

Session::Session(Services& services, ListenerRules rules, audit::Source source)
    : services_(services), login_(std::make_unique<Login>(services, rules, std::move(source))), opened_at_(services.now()) {}

Session::~Session() {
  if (pid_ != 0) services_.forget_cancel(pid_, client_key_);
}

bool Session::wants_client_bytes() const {
  if (over_) return false;
  if (relay_) return !relay_->waiting() && !relay_->leaving();
  return !login_->door.tls_pending() && !login_->admitted;
}

void Session::trim() {
  client_in_.trim();
  server_in_.trim();
  if (relay_) relay_->trim();
}

void Session::end(SessionError error, Actions& actions) {
  if (over_) return;
  over_ = true;
  if (relay_) return relay_->end(error, actions);
  // Between the "S" and the end of the handshake nothing can be said: neither in plaintext nor inside TLS.
  if (!login_->door.tls_pending()) actions.send_to_client(fatal_message(error));
  if (login_->scribe) login_->scribe->closed(text_of(error).why, 0, actions);
  actions.add(Close{text_of(error).why});
}

void Session::close(std::string_view why, Actions& actions) {
  if (over_) return;
  over_ = true;
  if (relay_) return relay_->close(why, actions);
  if (login_->scribe) login_->scribe->closed(why, 0, actions);
  actions.add(Close{why});
}

void Session::on_client_bytes(ByteView bytes, Actions& actions) {
  client_in_.feed(bytes, [&](ByteView& input) { client_step(input, actions); });
}

void Session::door_closed(Actions& actions) {
  over_ = true;
  if (login_->door.failure().empty() || failure_recorded_) return;
  failure_recorded_ = true;
  actions.add(Record{audit::members(audit::AuthFail{login_->source, login_->door.failure()})});
}

void Session::client_step(ByteView& input, Actions& actions) {
  if (relay_) return relay_->client(input, actions);
  if (over_ || login_->admitted) return;
  while (login_->door.step(input, actions)) {
  }
  if (login_->door.over()) return door_closed(actions);
  if (login_->door.admitted()) admit(actions);
}

void Session::admit(Actions& actions) {
  login_->admitted = std::move(login_->door.admitted());
  const Admitted& admitted = *login_->admitted;
  login_->source.application = admitted.application;
  const Upstream& upstream = services_.upstream();
  login_->scribe.emplace(audit::session_members(actor_of(admitted), login_->source,
                                                {upstream.host, admitted.caller.database, upstream.user}),
                         hex(services_.random_bytes(16)));
  login_->scribe->opened(admitted.world->policy->source_sha256, actions);
  login_->upstream.emplace(services_, admitted);
  actions.add(ConnectServer{});
}

void Session::on_server_bytes(ByteView bytes, Actions& actions) {
  const bool had_relay = relay_.has_value();
  server_in_.feed(bytes, [&](ByteView& input) { server_step(input, actions); });
  // A client may have sent statements right behind its password: no event will tell of them again.
  if (relay_ && (relay_->waiting() || !had_relay)) on_client_bytes({}, actions);
}

void Session::server_step(ByteView& input, Actions& actions) {
  if (login_ && login_->upstream) log_in_upstream(input, actions);
  if (relay_) relay_->server(input, actions);
}

void Session::log_in_upstream(ByteView& input, Actions& actions) {
  UpstreamLogin& upstream = *login_->upstream;
  while (upstream.step(input, actions)) {
  }
  if (pid_ == 0 && upstream.pid() != 0) {
    pid_ = upstream.pid();
    client_key_ = upstream.client_key();
  }
  if (upstream.over()) {
    over_ = true;
    login_->scribe->closed("upstream log-in failed", 0, actions);
  }
  if (!upstream.done()) return;
  relay_.emplace(services_, std::move(*login_->admitted), std::move(*login_->scribe));
  login_.reset();
}

void Session::on_client_hello(Actions& actions) {
  if (!login_) return;
  login_->door.direct_tls(actions);
  if (login_->door.over()) door_closed(actions);
}

void Session::on_client_tls(std::string_view version, bool alpn, Actions& actions) {
  if (!login_) return;
  login_->source.tls = std::string(version);
  login_->door.client_tls_done(alpn, actions);
  if (login_->door.over()) door_closed(actions);
}

void Session::on_server_connected(Actions& actions) {
  if (login_ && login_->upstream && !over_) login_->upstream->connected(actions);
}

void Session::on_server_tls(Actions& actions) {
  if (login_ && login_->upstream && !over_) login_->upstream->server_tls_done(actions);
}

void Session::on_server_unreachable(Actions& actions) { end(SessionError::upstream_unreachable, actions); }
void Session::on_client_gone(Actions& actions) {
  // Nobody waits for what is running any more.
  if (!over_ && relay_ && !relay_->idle()) actions.add(ForwardCancel{pid_, client_key_});
  close("client went away", actions);
}

void Session::on_server_gone(Actions& actions) {
  if (!relay_) return end(SessionError::upstream_unreachable, actions);
  close(relay_->leaving() ? kTerminated : "upstream closed the connection", actions);
}

void Session::on_news(Actions& actions) {
  if (!over_ && relay_ && relay_->waiting()) on_client_bytes({}, actions);
}

void Session::on_audit_failed(Actions& actions) { end(SessionError::audit_unavailable, actions); }

void Session::on_clock(Actions& actions) {
  if (over_) return;
  const auth::UnixTime now = services_.now();
  if (!relay_) {
    if (now - opened_at_ > services_.limits().login_timeout_s) end(SessionError::authentication_timeout, actions);
    return;
  }
  const Bound& bound = relay_->bound();
  if (!same_footing(*bound.world->policy, *services_.world()->policy)) return end(SessionError::policy_changed, actions);
  const auth::UnixTime expires = bound.expires_at;
  if (now >= expires && (relay_->idle() || now >= expires + kExpiryGraceSeconds))
    end(SessionError::credential_expired, actions);
}

void Session::on_shutdown(bool now, Actions& actions) {
  if (now || !relay_ || relay_->idle()) end(SessionError::shutting_down, actions);
}

}  // namespace pgward::proxy
