#include "protocol/close.h"

#include "protocol/reader.h"

namespace pgward::protocol {

Result<Close> decode_close(ByteView body) {
  Reader in{body};
  Close message{static_cast<char>(in.u8()), in.cstring()};
  if (message.kind != 'S' && message.kind != 'P') in.fail(WireError::bad_value);
  return in.finish(message);
}

}  // namespace pgward::protocol
