#include "protocol/copy_fail.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<CopyFail> decode_copy_fail(ByteView body) {
  Reader in{body};
  CopyFail message{in.cstring()};
  return in.finish(message);
}

bool encode_copy_fail(Bytes& out, ByteView reason) {
  Writer message{out};
  message.begin(client::kCopyFail);
  message.cstring(reason);
  return message.end();
}

}  // namespace pgward::protocol
