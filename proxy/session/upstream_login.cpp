#include "proxy/session/upstream_login.h"

#include <algorithm>

#include "protocol/authentication.h"
#include "protocol/backend_key_data.h"
#include "protocol/error_response.h"
#include "protocol/frame.h"
#include "protocol/negotiate_protocol_version.h"
#include "protocol/ready_for_query.h"
#include "protocol/sasl.h"
#include "protocol/startup.h"
#include "proxy/session/error_back.h"
#include "proxy/session/pinned_settings.h"

namespace pgward::proxy {
namespace {

// Starting, stopping, crashed, no place left, no such database.
bool about_the_server(const protocol::Fields& fields) {
  for (const auto& [code, text] : fields)
    if (code == 'C') return text.starts_with("57P") || text.starts_with("53") || text == "3D000";
  return false;
}

constexpr std::size_t kMessageBytesMax = 64 * 1024;
constexpr int kFirstWith3_2 = 180000;
// As long as the key that a server of that protocol version gives.
constexpr std::size_t kKeyBytes3_0 = 4, kKeyBytes3_2 = 32;
}

void UpstreamLogin::connected(Actions& actions) {
  if (services_.upstream().tls) {
    tls_answer_due_ = true;
    Bytes out;
    protocol::encode_ssl_request(out);
    actions.send_to_server(std::move(out));
  } else {
    send_startup(actions);
  }
}

void UpstreamLogin::server_tls_done(Actions& actions) { send_startup(actions); }

void UpstreamLogin::send_startup(Actions& actions) {
  // Older servers would answer 3.2 with an offer of 3.0; not everything that pretends to be one does.
  const policy::Catalog* catalog = admitted_.world->catalog(admitted_.caller.catalog_name());
  minor_ = catalog && catalog->server_version_num >= kFirstWith3_2 ? 2 : 0;
  Bytes out;
  protocol::encode_startup(out, admitted_.startup, minor_);
  actions.send_to_server(std::move(out));
}

bool UpstreamLogin::fail(SessionError error, Actions& actions) {
  over_ = true;
  failure_ = error;
  actions.send_to_client(ClientError(error));
  actions.add(Close{text_of(error).why});
  return false;
}

bool UpstreamLogin::step(ByteView& input, Actions& actions) {
  if (over_ || done_ || input.empty()) return false;
  if (tls_answer_due_) {
    // Exactly one byte may be here: more would be plaintext taken for TLS (CVE-2021-23222).
    if (input != "S") return fail(SessionError::upstream_refused_us, actions);
    input.remove_prefix(1);
    tls_answer_due_ = false;
    actions.add(StartServerTls{services_.upstream().user_of(admitted_.caller.role)});
    return false;
  }
  const auto header = protocol::peek_frame(input);
  if (!header) return false;
  if (header->length < 4 || header->length > kMessageBytesMax) return fail(SessionError::upstream_broken, actions);
  const std::size_t whole = header->length + std::size_t{1};
  if (input.size() < whole) return false;
  ByteView frame = input.substr(0, whole);
  input.remove_prefix(whole);
  return message(header->type, frame.substr(5), frame, actions);
}

bool UpstreamLogin::message(char type, ByteView body, ByteView whole, Actions& actions) {
  switch (type) {
    case 'R':
      return authentication(body, actions);
    case 'S':
      if (!authenticated_) return fail(SessionError::upstream_broken, actions);
      if (!admitted_.world->policy->passes_everything() && breaks_pinned_setting(body))
        return fail(SessionError::upstream_setting_changed, actions);
      if (const auto passed = Passed::message(whole)) actions.forward_to_client(*passed);
      return true;
    case 'K': {
      auto key = protocol::decode_backend_key_data(body);
      if (!key || !authenticated_) return fail(SessionError::upstream_broken, actions);
      // The server's process number stays (NotificationResponse and pg_stat_activity show it); the secret is
      // ours, so that a cancel can only come through us.
      pid_ = key->pid;
      client_key_ = services_.register_cancel(key->pid, key->key, admitted_.protocol_minor >= 2 ? kKeyBytes3_2 : kKeyBytes3_0);
      actions.send_to_client(own_message<protocol::encode_backend_key_data>(pid_, client_key_));
      return true;
    }
    case 'Z':
      if (!authenticated_ || !protocol::decode_ready_for_query(body)) return fail(SessionError::upstream_broken, actions);
      done_ = true;
      if (const auto passed = Passed::message(whole)) actions.forward_to_client(*passed);
      return false;
    case 'E':
      return server_error(body, actions);
    case 'v': {
      // Only a lower minor version may be offered, and we asked for no options.
      auto offer = protocol::decode_negotiate_protocol_version(body);
      const bool fits = offer && offer->version >> 16 == 3 && (offer->version & 0xffff) <= minor_ && offer->unknown_options.empty();
      return fits && !authenticated_ ? true : fail(SessionError::upstream_broken, actions);
    }
    case 'N': {
      // Before we are in, it is about our own log-in. After that about what the client asked for: a start-up
      // parameter that is cut short, a log-in trigger.
      if (!authenticated_) return true;
      const auto* catalog = admitted_.world->catalog(admitted_.caller.catalog_name());
      actions.send_to_client(error_back(ClientError::Type::notice, body, nullptr, admitted_.caller, services_.scrubber(), CatalogNames{catalog}, admitted_.world->allowed_texts).message);
      return true;
    }
    default:
      return fail(SessionError::upstream_broken, actions);
  }
}

bool UpstreamLogin::server_error(ByteView body, Actions& actions) {
  auto fields = protocol::decode_fields(body);
  // Before we are in, the error is about pgward's own credential: not the client's business, unless it is about
  // the server as such. Drivers try another host, or again, when they see which.
  if (!fields || (!authenticated_ && !about_the_server(*fields))) return fail(SessionError::upstream_refused_us, actions);
  over_ = true;
  failure_ = SessionError::upstream_refused_us;
  actions.send_to_client(ClientError(ClientError::Type::error, services_.scrubber().scrub(*fields, NoNames{})));
  actions.add(Close{"upstream ended the log-in"});
  return false;
}

bool UpstreamLogin::authentication(ByteView body, Actions& actions) {
  auto request = protocol::decode_authentication(body);
  if (!request || authenticated_) return fail(SessionError::upstream_broken, actions);
  Bytes out;
  if (std::holds_alternative<protocol::AuthenticationOk>(*request)) {
    // Without SCRAM (trust, peer, certificate) there is nothing to prove; with it, the server must have.
    if (scram_ && !server_proved_itself_) return fail(SessionError::upstream_refused_us, actions);
    authenticated_ = true;
    actions.send_to_client(own_message<protocol::encode_authentication_ok>());
    return true;
  }
  if (auto* sasl = std::get_if<protocol::AuthenticationSasl>(&*request)) {
    const bool offered = std::find(sasl->mechanisms.begin(), sasl->mechanisms.end(), "SCRAM-SHA-256") != sasl->mechanisms.end();
    if (!offered || scram_) return fail(SessionError::upstream_refused_us, actions);
    scram_.emplace(services_.upstream().password_of(admitted_.caller.role), auth::random_nonce());
    protocol::encode_sasl_initial(out, "SCRAM-SHA-256", scram_->client_first());
    actions.send_to_server(std::move(out));
    return true;
  }
  if (auto* next = std::get_if<protocol::AuthenticationSaslContinue>(&*request)) {
    auto reply = scram_ ? scram_->on_server_first(next->data) : std::nullopt;
    if (!reply) return fail(SessionError::upstream_refused_us, actions);
    protocol::encode_sasl_response(out, *reply);
    actions.send_to_server(std::move(out));
    return true;
  }
  if (auto* last = std::get_if<protocol::AuthenticationSaslFinal>(&*request)) {
    if (!scram_ || !scram_->verify_server_final(last->data)) return fail(SessionError::upstream_refused_us, actions);
    server_proved_itself_ = true;
    return true;
  }
  return fail(SessionError::upstream_refused_us, actions);
}

}  // namespace pgward::proxy
