#include "protocol/describe.h"

#include "protocol/reader.h"

namespace pgward::protocol {

Result<Describe> decode_describe(ByteView body) {
  Reader in{body};
  Describe message{static_cast<char>(in.u8()), in.cstring()};
  if (message.kind != 'S' && message.kind != 'P') in.fail(WireError::bad_value);
  return in.finish(message);
}

}  // namespace pgward::protocol
