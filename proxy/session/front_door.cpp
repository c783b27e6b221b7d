#include "proxy/session/front_door.h"

#include <algorithm>

#include "protocol/authentication.h"
#include "protocol/frame.h"
#include "protocol/negotiate_protocol_version.h"
#include "protocol/password.h"
#include "protocol/startup.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kStartupBytesMax = 10000;       // as the server: MAX_STARTUP_PACKET_LENGTH
constexpr std::size_t kPasswordBytesMax = 16 * 1024;  // tokens run to 7 kB
// 3.2 (PostgreSQL 18) differs from 3.0 in the length of cancel keys only, and those are ours, whatever the
// server behind us speaks.
constexpr std::uint16_t kMinorMax = 2;

std::uint32_t be32(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

bool FrontDoor::step(ByteView& input, Actions& actions) {
  if (over_ || held() || tls_pending_ || admitted_) return false;
  return password_due_ ? password_packet(input, actions) : first_packet(input, actions);
}

bool FrontDoor::release(auth::UnixTime now, Actions& actions) {
  if (now < held_until_) return false;
  held_until_ = 0;
  over_ = true;
  actions.send_to_client(ClientError(SessionError::authentication_failed));
  actions.add(Close{text_of(SessionError::authentication_failed).why});
  return true;
}

bool FrontDoor::refuse(SessionError error, Actions& actions, std::string_view failure) {
  failure_ = failure.empty() ? text_of(error).why : failure;
  if (error == SessionError::authentication_failed)
    if (const std::int64_t delay_s = services_.login_failed(address_, request_.user); delay_s > 0) {
      held_until_ = services_.now() + delay_s;
      return false;
    }
  over_ = true;
  actions.send_to_client(ClientError(error));
  actions.add(Close{text_of(error).why});
  return false;
}

void FrontDoor::direct_tls(Actions& actions) {
  direct_ = true;
  if (rules_.tls_available) {
    tls_pending_ = true;
    return actions.add(StartClientTls{});
  }
  // Nothing is said: a message of ours would be noise to somebody who waits for a ServerHello.
  over_ = true;
  failure_ = "direct TLS where there is none";
  actions.add(Close{"direct TLS where there is none"});
}

void FrontDoor::client_tls_done(ClientTls tls, Actions& actions) {
  encrypted_ = true;
  tls_pending_ = false;
  tls_ = std::move(tls);
  if (!direct_ || tls_.alpn) return;
  over_ = true;
  failure_ = "direct TLS without ALPN";
  actions.add(Close{"direct TLS without ALPN"});
}

bool FrontDoor::first_packet(ByteView& input, Actions& actions) {
  if (input.size() < 4) return false;
  const std::uint32_t length = be32(input);
  if (length < 8 || length > kStartupBytesMax) return refuse(SessionError::malformed_startup, actions);
  if (input.size() < length) return false;
  auto packet = protocol::decode_first_packet(input.substr(4, length - 4));
  input.remove_prefix(length);  // what was decoded looks into bytes that stay
  if (!packet) return refuse(SessionError::malformed_startup, actions);

  if (std::holds_alternative<protocol::SslRequest>(*packet)) {
    // Bytes that are already here came in plaintext: taking them as if they were inside TLS would let
    // somebody on the wire put words in the client's mouth (CVE-2021-23214).
    if (ssl_asked_ || (encrypted_ && !direct_) || !input.empty()) return refuse(SessionError::malformed_startup, actions);
    ssl_asked_ = true;
    if (encrypted_) {  // as the server answers inside direct TLS
      actions.answer_encryption_request(false);
      return true;
    }
    actions.answer_encryption_request(rules_.tls_available);
    if (rules_.tls_available) {
      tls_pending_ = true;
      actions.add(StartClientTls{});
    }
    return !tls_pending_;
  }
  if (std::holds_alternative<protocol::GssEncRequest>(*packet)) {
    if (gss_asked_ || encrypted_) return refuse(SessionError::malformed_startup, actions);
    gss_asked_ = true;
    actions.answer_encryption_request(false);
    return true;
  }
  if (auto* cancel = std::get_if<protocol::CancelRequest>(&*packet)) {
    // No TLS and no log-in is asked for: clients send it in plaintext even when their session is not.
    over_ = true;
    actions.add(ForwardCancel{cancel->pid, Bytes(cancel->key)});
    return false;
  }
  auto& message = std::get<protocol::StartupMessage>(*packet);
  if (!encrypted_ && !rules_.plaintext_allowed) return refuse(SessionError::tls_required, actions);
  if (message.major != 3) return refuse(SessionError::protocol_version, actions);
  if (rules_.full) return refuse(SessionError::too_many_connections, actions);

  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<ByteView> unknown_options;
  for (auto [name, value] : message.parameters) {
    if (name.starts_with("_pq_."))
      unknown_options.push_back(name);
    else
      parameters.emplace_back(name, value);
  }
  request_.protocol_minor = std::min(message.minor, kMinorMax);
  if (message.minor > kMinorMax || !unknown_options.empty()) {
    actions.send_to_client(own_message<protocol::encode_negotiate_protocol_version>(3u << 16 | request_.protocol_minor, unknown_options));
  }
  startup(std::move(parameters), actions);
  return !over_;
}

void FrontDoor::startup(std::vector<std::pair<std::string, std::string>> parameters, Actions& actions) {
  auto value_of = [&](std::string_view name) {
    std::string value;
    for (const auto& [key, text] : parameters)
      if (key == name) value = text;
    return value;
  };
  request_.user = value_of("user");
  if (request_.user.empty()) return void(refuse(SessionError::no_user, actions));
  request_.database = value_of("database");
  if (request_.database.empty()) request_.database = request_.user;
  const std::string replication = value_of("replication");
  if (!replication.empty() && replication != "false" && replication != "off" && replication != "no" && replication != "0")
    return void(refuse(SessionError::replication_refused, actions));
  request_.parameters = std::move(parameters);
  ask_for_proof(actions);
}

// As the first fitting entry of the configuration's `authentication` wants it.
void FrontDoor::ask_for_proof(Actions& actions) {
  world_ = services_.world();
  const bool certificate = std::holds_alternative<auth::CertificateFacts>(tls_.certificate);
  const auth::AccessRule* rule =
      auth::first_match(world_->access, {address_, encrypted_, certificate, request_.database, request_.user});
  if (!rule || rule->method == auth::Method::reject)
    return void(refuse(SessionError::no_entry, actions, rule ? "rejected by the configuration" : "no entry"));
  method_ = rule->method;
  if (method_ == auth::Method::certificate) return check_certificate(actions);
  if (method_ != auth::Method::jwt) return offer_sasl(actions);
  password_due_ = true;
  actions.send_to_client(own_message<protocol::encode_authentication_cleartext_password>());
}

bool FrontDoor::password_packet(ByteView& input, Actions& actions) {
  const auto header = protocol::peek_frame(input);
  if (!header) return false;
  if (header->type == 'X') {
    over_ = true;
    actions.add(Close{"client left before its password"});
    return false;
  }
  if (header->type != 'p') return refuse(SessionError::protocol_violation, actions);
  if (header->length < 4 || header->length > kPasswordBytesMax) return refuse(SessionError::message_too_large, actions);
  const std::size_t whole = header->length + std::size_t{1};
  if (input.size() < whole) return false;
  const ByteView body = input.substr(5, whole - 5);
  input.remove_prefix(whole);  // what is decoded looks into bytes that stay
  if (method_ != auth::Method::jwt) return sasl_packet(body, actions);
  auto message = protocol::decode_password(body);
  if (!message) return refuse(SessionError::protocol_violation, actions);
  check_password(message->password, actions);
  return false;
}

}  // namespace pgward::proxy
