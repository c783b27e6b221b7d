#include "protocol/ready_for_query.h"

#include <cstdint>

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<char> decode_ready_for_query(ByteView body) {
  Reader in{body};
  const char status = static_cast<char>(in.u8());
  if (status != 'I' && status != 'T' && status != 'E') in.fail(WireError::bad_value);
  return in.finish(status);
}

void encode_ready_for_query(Bytes& out, char status) {
  Writer message{out};
  message.begin(server::kReadyForQuery);
  message.u8(static_cast<std::uint8_t>(status));
  message.end();
}

}  // namespace pgward::protocol
