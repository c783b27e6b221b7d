#include "protocol/parameter_status.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<ParameterStatus> decode_parameter_status(ByteView body) {
  Reader in{body};
  ParameterStatus message{in.cstring(), in.cstring()};
  return in.finish(message);
}

bool encode_parameter_status(Bytes& out, ByteView name, ByteView value) {
  Writer message{out};
  message.begin(server::kParameterStatus);
  message.cstring(name);
  message.cstring(value);
  return message.end();
}

}  // namespace pgward::protocol
