#include "proxy/session/session.h"

#include <algorithm>

namespace pgward::proxy {
namespace {

// How long a message waits for the catalog that the session's own DDL made old. It is read again every few seconds.
constexpr std::int64_t kCatalogWaitS = 30;

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
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
         (before.tells_changes() || !now.tells_changes()) &&
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
    : services_(services), login_(std::make_unique<Login>(services, rules, std::move(source))), lifetime_(services.now()) {}

Session::~Session() {
  if (pid_ != 0) services_.forget_cancel(pid_, client_key_);
}

bool Session::wants_client_bytes() const {
  if (over_) return false;
  if (relay_) return !relay_->waiting() && !relay_->leaving();
  return !login_->door.tls_pending() && !login_->door.held() && !login_->admitted;
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
  if (!login_->door.tls_pending()) actions.send_to_client(ClientError(error));
  if (login_->scribe) login_->scribe->closed(text_of(error).why, 0, actions);
  actions.add(Close{text_of(error).why});
}

// Whatever runs: the server is told to stop it, and an open transaction is undone with the connection.
void Session::end_now(SessionError error, Rest rest, Actions& actions) {
  const bool runs = rest == Rest::busy || rest == Rest::awaits_client;
  if (runs && !over_) actions.add(ForwardCancel{pid_, client_key_});
  end(error, actions);
}

void Session::close(std::string_view why, Actions& actions) {
  if (over_) return;
  over_ = true;
  if (relay_) return relay_->close(why, actions);
  if (login_->scribe) login_->scribe->closed(why, 0, actions);
  actions.add(Close{why});
}

void Session::on_client_bytes(ByteView bytes, Actions& actions) {
  if (!bytes.empty()) lifetime_.client_active();
  client_in_.feed(bytes, [&](ByteView& input) { client_step(input, actions); });
}

// Over, or about to be: the trail hears of it at once.
void Session::door_closed(Actions& actions) {
  over_ = login_->door.over();
  if (login_->door.failure().empty() || failure_recorded_) return;
  failure_recorded_ = true;
  actions.add(Record{audit::members(audit::AuthFail{login_->source, login_->door.failure()})});
}

void Session::client_step(ByteView& input, Actions& actions) {
  if (relay_) return relay_->client(input, actions);
  if (over_ || login_->admitted) return;
  while (login_->door.step(input, actions)) {
  }
  if (login_->door.over() || login_->door.held()) return door_closed(actions);
  if (login_->door.admitted()) admit(actions);
}

void Session::admit(Actions& actions) {
  login_->admitted = std::move(login_->door.admitted());
  if (login_->admitted->world->policy->passes_everything()) return begin(actions);
  find_key(actions);
}

void Session::find_key(Actions& actions) {
  const Caller& caller = login_->admitted->caller;
  login_->key = services_.find_key(caller.bound ? caller.tenant.all() : audit::TenantNames{});
  if (login_->key->done()) return key_found(actions);
  actions.add(FindKey{login_->key});
}

void Session::key_found(Actions& actions) {
  login_->admitted->subject_key = std::exchange(login_->key, nullptr)->take();
  if (!login_->admitted->subject_key) return end(SessionError::audit_unavailable, actions);
  begin(actions);
}

// The trail hears of it, and then the server.
void Session::begin(Actions& actions) {
  const Admitted& admitted = *login_->admitted;
  login_->source.application = admitted.application;
  const Upstream& upstream = services_.upstream();
  const audit::Actor actor = actor_of(admitted);
  std::string members = audit::session_members(actor, login_->source, {upstream.host, admitted.caller.database, upstream.user_of(admitted.caller.role)});
  if (admitted.subject_key) audit::append_subject_key(members, admitted.subject_key->kid());
  members.shrink_to_fit();  // kept as long as the session
  login_->scribe.emplace(std::move(members), hex(services_.random_bytes(16)), admitted.emergency ? admitted.emergency->id : std::string(), services_.audit_mode());
  login_->scribe->opened(admitted.world->policy->source_sha256, actions);
  if (const auto& emergency = admitted.emergency)
    services_.glass_broken(emergency->id, {actor.subject, actor.role, actor.tenant},
                           login_->scribe->glass_broken(emergency->reason, emergency->until, admitted.world->policy->source_sha256, actions));
  login_->upstream.emplace(services_, admitted);
  actions.add(ConnectServer{});
}

void Session::on_server_bytes(ByteView bytes, Actions& actions) {
  lifetime_.server_active();
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

void Session::on_client_tls(ClientTls tls, Actions& actions) {
  if (!login_) return;
  login_->source.tls = tls.version;
  login_->door.client_tls_done(std::move(tls), actions);
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
  if (!over_ && login_ && login_->key) {
    if (login_->key->done()) return key_found(actions);
    if (login_->key->turned_away()) find_key(actions);
    return;
  }
  if (!over_ && relay_ && relay_->waiting()) on_client_bytes({}, actions);
}

void Session::on_audit_failed(Actions& actions) { end(SessionError::audit_unavailable, actions); }

void Session::on_clock(Actions& actions) {
  if (over_) return;
  const auth::UnixTime now = services_.now();
  if (!relay_) {
    if (login_->door.held()) return void(over_ = login_->door.release(now, actions));
    if (lifetime_.age_s(now) > services_.limits().login_timeout_s) end(SessionError::authentication_timeout, actions);
    return;
  }
  const Bound& bound = relay_->bound();
  if (!same_footing(*bound.world->policy, *services_.world()->policy)) return end(SessionError::policy_changed, actions);
  // A role that has become one for emergencies is had for a reason only.
  if ((services_.world()->policy->break_glass(bound.caller.role) != nullptr) != bound.caller.emergency) return end(SessionError::policy_changed, actions);
  const auth::UnixTime waits_since = relay_->awaits_catalog_since();
  if (waits_since != 0 && now - waits_since > kCatalogWaitS) return end(SessionError::catalog_unread, actions);
  const Rest rest = relay_->rest(lifetime_.client_spoke_last());
  if (revoked(bound)) return end_now(SessionError::credential_revoked, rest, actions);
  if (bound.caller.emergency && now >= bound.emergency_until) return end_now(SessionError::break_glass_over, rest, actions);
  const auto due = lifetime_.due(now, bound.bearer.expires_at, rest, services_.limits().life);
  if (due) end_now(*due, rest, actions);
}

// Each list is asked once.
bool Session::revoked(const Bound& bound) {
  const auto list = services_.revocations();
  if (!list || list->version() == revocations_seen_) return false;
  revocations_seen_ = list->version();
  return list->revoked(bound.bearer, bound.caller.tenant.all());
}

void Session::on_shutdown(bool now, Actions& actions) {
  if (now || !relay_ || relay_->rest(lifetime_.client_spoke_last()) == Rest::idle) end(SessionError::shutting_down, actions);
}

}  // namespace pgward::proxy
