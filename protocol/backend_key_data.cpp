#include "protocol/backend_key_data.h"

#include "protocol/key_size.h"
#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<BackendKeyData> decode_backend_key_data(ByteView body) {
  Reader in{body};
  BackendKeyData message{in.u32(), in.rest()};
  if (!in.ok() || message.key.size() < kCancelKeyMin) return WireError::truncated;
  if (message.key.size() > kCancelKeyMax) return WireError::trailing_bytes;
  return message;
}

bool encode_backend_key_data(Bytes& out, std::uint32_t pid, ByteView key) {
  Writer message{out};
  message.begin(server::kBackendKeyData);
  message.u32(pid);
  message.bytes(key);
  if (key.size() < kCancelKeyMin || key.size() > kCancelKeyMax) message.withdraw();
  return message.end();
}

}  // namespace pgward::protocol
