#include "protocol/sasl.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<SaslInitialResponse> decode_sasl_initial(ByteView body) {
  Reader in{body};
  SaslInitialResponse message{in.cstring(), in.sized_value()};
  return in.finish(message);
}

bool encode_sasl_initial(Bytes& out, ByteView mechanism, ByteView data) {
  Writer message{out};
  message.begin(client::kPassword);
  message.cstring(mechanism);
  message.sized_bytes(data);
  return message.end();
}

bool encode_sasl_response(Bytes& out, ByteView data) {
  Writer message{out};
  message.begin(client::kPassword);
  message.bytes(data);
  return message.end();
}

}  // namespace pgward::protocol
