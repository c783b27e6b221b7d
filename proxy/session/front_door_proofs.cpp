// The ways of proving who one is: a token, a client certificate, a SCRAM exchange.
#include "auth/scram.h"
#include "protocol/authentication.h"
#include "protocol/sasl.h"
#include "proxy/session/front_door.h"

namespace pgward::proxy {

void FrontDoor::check_password(ByteView password, Actions& actions) {
  world_ = services_.world();
  if (!world_->verifier) return void(refuse(SessionError::authentication_failed, actions, "no issuer"));
  auto verified = services_.tokens().verify(world_->verifier, password, services_.now());
  if (auto* error = std::get_if<auth::JwtError>(&verified))
    return void(refuse(SessionError::authentication_failed, actions, auth::name_of(*error)));
  let_in(std::move(std::get<auth::Identity>(verified)), actions);
}

void FrontDoor::check_certificate(Actions& actions) {
  if (const auto* error = std::get_if<auth::CertificateError>(&tls_.certificate))
    return void(refuse(SessionError::authentication_failed, actions, auth::name_of(*error)));
  if (!world_->certificates) return void(refuse(SessionError::authentication_failed, actions, "no certificate map"));
  auto verified = world_->certificates->verify(std::get<auth::CertificateFacts>(tls_.certificate), services_.now());
  if (const auto* error = std::get_if<auth::CertificateError>(&verified))
    return void(refuse(SessionError::authentication_failed, actions, auth::name_of(*error)));
  let_in(std::move(std::get<auth::Identity>(verified)), actions);
}

void FrontDoor::offer_sasl(Actions& actions) {
  std::vector<std::string_view> mechanisms;
  if (!tls_.end_point.empty()) mechanisms.push_back(auth::kScramPlus);
  if (method_ == auth::Method::scram) mechanisms.push_back(auth::kScram);
  if (mechanisms.empty()) return void(refuse(SessionError::authentication_failed, actions, "nothing to bind to"));
  password_due_ = true;
  Bytes out;
  protocol::encode_authentication_sasl(out, mechanisms);
  actions.send_to_client(std::move(out));
}

bool FrontDoor::sasl_packet(ByteView body, Actions& actions) {
  if (!scram_) return sasl_first(body, actions);
  const auto last = scram_->on_client_final(body);
  if (const auto* error = std::get_if<auth::ScramError>(&last))
    return refuse(SessionError::authentication_failed, actions, auth::name_of(*error));
  // The name is worth something from here on: its password is a MAC over it.
  auto verified = world_->ephemeral->verify(request_.user, services_.now());
  if (const auto* error = std::get_if<auth::EphemeralError>(&verified))
    return refuse(SessionError::authentication_failed, actions, auth::name_of(*error));
  Bytes out;
  protocol::encode_authentication_sasl_final(out, std::get<std::string>(last));
  actions.send_to_client(std::move(out));
  let_in(std::move(std::get<auth::Identity>(verified)), actions);
  return false;
}

bool FrontDoor::sasl_first(ByteView body, Actions& actions) {
  const auto message = protocol::decode_sasl_initial(body);
  if (!message || !message->data) return refuse(SessionError::protocol_violation, actions);
  auto begin = world_->ephemeral ? world_->ephemeral->begin(request_.user) : std::nullopt;
  if (!begin) return refuse(SessionError::authentication_failed, actions, "no ephemeral keys");
  scram_.emplace(std::move(begin->keys), std::move(begin->salt), begin->iterations, auth::random_nonce(),
                 auth::ScramServer::Offer{method_ == auth::Method::scram, tls_.end_point});
  const auto first = scram_->on_client_first(message->mechanism, *message->data);
  if (const auto* error = std::get_if<auth::ScramError>(&first))
    return refuse(SessionError::authentication_failed, actions, auth::name_of(*error));
  Bytes out;
  protocol::encode_authentication_sasl_continue(out, std::get<std::string>(first));
  actions.send_to_client(std::move(out));
  return true;
}

void FrontDoor::let_in(auth::Identity identity, Actions& actions) {
  auto result = admit(services_, world_, std::move(identity), request_);
  if (auto* refused = std::get_if<LoginRefused>(&result)) {
    if (refused->object.empty()) return void(refuse(refused->error, actions, refused->failure));
    over_ = true;
    failure_ = text_of(refused->error).why;
    actions.send_to_client(parameter_refused_message(refused->object));
    return actions.add(Close{text_of(refused->error).why});
  }
  admitted_ = std::move(std::get<Admitted>(result));
}

}  // namespace pgward::proxy
