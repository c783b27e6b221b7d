#include "protocol/bodiless.h"

#include "protocol/message_types.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<void> decode_bodiless(ByteView body) {
  if (!body.empty()) return WireError::trailing_bytes;
  return {};
}

void encode_bodiless(Bytes& out, char type) {
  Writer message{out};
  message.begin(type);
  message.end();
}

void encode_sync(Bytes& out) {
  encode_bodiless(out, client::kSync);
}
void encode_flush(Bytes& out) {
  encode_bodiless(out, client::kFlush);
}
void encode_terminate(Bytes& out) {
  encode_bodiless(out, client::kTerminate);
}

}  // namespace pgward::protocol
