// A message of our own for a client, of any type but ErrorResponse and NoticeResponse: those are a ClientError.
//
//   actions.send_to_client(own_message<protocol::encode_command_complete>("SHOW"));
//
// The list below says which encoders write no error. A new one is added to it, under a reviewer's eyes.
#pragma once

#include <concepts>
#include <utility>

#include "protocol/authentication.h"
#include "protocol/backend_key_data.h"
#include "protocol/command_complete.h"
#include "protocol/data_row.h"
#include "protocol/negotiate_protocol_version.h"
#include "protocol/notification.h"

namespace pgward::proxy {

namespace own_message_detail {
template <auto Encode>
struct Encoder {};
template <class E, auto... Encode>
concept one_of = (std::same_as<E, Encoder<Encode>> || ...);
}  // namespace own_message_detail

template <auto Encode>
concept WritesNoError =
    own_message_detail::one_of<own_message_detail::Encoder<Encode>, &protocol::encode_authentication_ok,
                               &protocol::encode_authentication_cleartext_password, &protocol::encode_authentication_sasl,
                               &protocol::encode_authentication_sasl_continue, &protocol::encode_authentication_sasl_final,
                               &protocol::encode_backend_key_data, &protocol::encode_command_complete,
                               &protocol::encode_data_row, &protocol::encode_negotiate_protocol_version,
                               &protocol::encode_notification>;

class OwnMessage {
 public:
  protocol::Bytes take() && { return std::move(bytes_); }

 private:
  template <auto Encode, class... Args>
    requires WritesNoError<Encode>
  friend OwnMessage own_message(Args&&... args);
  OwnMessage() = default;

  protocol::Bytes bytes_;
};

template <auto Encode, class... Args>
  requires WritesNoError<Encode>
OwnMessage own_message(Args&&... args) {
  OwnMessage message;
  Encode(message.bytes_, std::forward<Args>(args)...);
  return message;
}

}  // namespace pgward::proxy
