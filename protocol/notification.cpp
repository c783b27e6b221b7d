#include "protocol/notification.h"

#include "protocol/reader.h"

namespace pgward::protocol {

Result<Notification> decode_notification(ByteView body) {
  Reader in{body};
  Notification message{in.u32(), in.cstring(), in.cstring()};
  return in.finish(message);
}

}  // namespace pgward::protocol
