#include "protocol/execute.h"

#include "protocol/reader.h"

namespace pgward::protocol {

Result<Execute> decode_execute(ByteView body) {
  Reader in{body};
  Execute message{in.cstring(), in.i32()};
  return in.finish(message);
}

}  // namespace pgward::protocol
