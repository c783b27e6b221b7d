// NotificationResponse ('A'): a NOTIFY that this session listens to. May come between any two messages.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Notification {
  std::uint32_t pid;  // of the server process that sent it
  ByteView channel;
  ByteView payload;  // all look into the body
};

Result<Notification> decode_notification(ByteView body);
bool encode_notification(Bytes& out, std::uint32_t pid, ByteView channel, ByteView payload);

}  // namespace pgward::protocol
