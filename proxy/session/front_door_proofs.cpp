// The ways of proving who one is: a token, a client certificate, a SCRAM exchange.
#include "auth/oauth_bearer.h"
#include "auth/scram.h"
#include "protocol/authentication.h"
#include "protocol/sasl.h"
#include "proxy/session/front_door.h"

namespace pgward::proxy {
namespace {

constexpr std::string_view kDiscovery = "oauth: discovery";

}  // namespace

std::optional<auth::Identity> FrontDoor::verified_token(ByteView token, std::string_view& failure) {
  world_ = services_.world();
  failure = "no issuer";
  if (!world_->verifier) return std::nullopt;
  auto verified = services_.tokens().verify(world_->verifier, token, services_.now());
  if (auto* identity = std::get_if<auth::Identity>(&verified)) return std::move(*identity);
  const auto error = std::get<auth::JwtError>(verified);
  if (error == auth::JwtError::unknown_key) services_.suspect_catalog(Services::Suspicion::unknown_key);
  failure = auth::name_of(error);
  return std::nullopt;
}

void FrontDoor::check_password(ByteView password, Actions& actions) {
  std::string_view failure;
  auto identity = verified_token(password, failure);
  if (!identity) return void(refuse(SessionError::authentication_failed, actions, failure));
  let_in(std::move(*identity), actions);
}

// RFC 7628, section 3.2.3: before it fails, the client is told where tokens come from, and says that it has understood.
bool FrontDoor::oauth_packet(ByteView body, Actions& actions) {
  if (!oauth_refused_.empty()) {
    const bool discovery = oauth_refused_ == kDiscovery;
    if (body != "\x01") return refuse(SessionError::protocol_violation, actions);
    if (!discovery) return refuse(SessionError::authentication_failed, actions, oauth_refused_);
    over_ = true;  // nobody failed: it asked, and comes again
    actions.send_to_client(ClientError(SessionError::authentication_failed));
    actions.add(Close{kDiscovery});
    return false;
  }
  const auto message = protocol::decode_sasl_initial(body);
  if (!message || message->mechanism != auth::kOAuthBearer) return refuse(SessionError::protocol_violation, actions);
  const auto bearer = auth::parse_oauth_bearer(message->data.value_or(ByteView{}));
  if (!bearer) return refuse(SessionError::authentication_failed, actions, "oauth: malformed");
  oauth_refused_ = kDiscovery;
  if (!bearer->token.empty())
    if (auto identity = verified_token(bearer->token, oauth_refused_)) {
      let_in(std::move(*identity), actions);
      return false;
    }
  actions.send_to_client(own_message<protocol::encode_authentication_sasl_continue>(world_->oauth_failure));
  return true;
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
  if (method_ == auth::Method::oauth) mechanisms.push_back(auth::kOAuthBearer);
  else if (!tls_.end_point.empty()) mechanisms.push_back(auth::kScramPlus);
  if (method_ == auth::Method::scram) mechanisms.push_back(auth::kScram);
  if (mechanisms.empty()) return void(refuse(SessionError::authentication_failed, actions, "nothing to bind to"));
  password_due_ = true;
  actions.send_to_client(own_message<protocol::encode_authentication_sasl>(mechanisms));
}

bool FrontDoor::sasl_packet(ByteView body, Actions& actions) {
  if (method_ == auth::Method::oauth) return oauth_packet(body, actions);
  if (!scram_) return sasl_first(body, actions);
  const auto last = scram_->on_client_final(body);
  if (const auto* error = std::get_if<auth::ScramError>(&last))
    return refuse(SessionError::authentication_failed, actions, auth::name_of(*error));
  // The name is worth something from here on: its password is a MAC over it.
  auto verified = world_->ephemeral->verify(request_.user, services_.now());
  if (const auto* error = std::get_if<auth::EphemeralError>(&verified))
    return refuse(SessionError::authentication_failed, actions, auth::name_of(*error));
  actions.send_to_client(own_message<protocol::encode_authentication_sasl_final>(std::get<std::string>(last)));
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
  actions.send_to_client(own_message<protocol::encode_authentication_sasl_continue>(std::get<std::string>(first)));
  return true;
}

void FrontDoor::let_in(auth::Identity identity, Actions& actions) {
  auto result = admit(services_, world_, std::move(identity), request_);
  if (auto* refused = std::get_if<LoginRefused>(&result)) {
    if (refused->object.empty()) return void(refuse(refused->error, actions, refused->failure));
    over_ = true;
    failure_ = text_of(refused->error).why;
    actions.send_to_client(ClientError(ShownName::of_setting(refused->object, *world_->policy)));
    return actions.add(Close{text_of(refused->error).why});
  }
  admitted_ = std::move(std::get<Admitted>(result));
}

}  // namespace pgward::proxy
