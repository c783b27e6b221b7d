#include "protocol/notification.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<Notification> decode_notification(ByteView body) {
  Reader in{body};
  Notification message{in.u32(), in.cstring(), in.cstring()};
  return in.finish(message);
}

bool encode_notification(Bytes& out, std::uint32_t pid, ByteView channel, ByteView payload) {
  Writer message{out};
  message.begin(server::kNotificationResponse);
  message.u32(pid);
  message.cstring(channel);
  message.cstring(payload);
  return message.end();
}

}  // namespace pgward::protocol
