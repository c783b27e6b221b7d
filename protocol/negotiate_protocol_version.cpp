#include "protocol/negotiate_protocol_version.h"

#include <utility>

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<NegotiateProtocolVersion> decode_negotiate_protocol_version(ByteView body) {
  Reader in{body};
  NegotiateProtocolVersion message{in.u32(), {}};
  // The count is 32 bits wide; each name takes at least a byte, so the body bounds the loop.
  for (auto left = in.u32(); left > 0 && in.ok(); --left) message.unknown_options.push_back(in.cstring());
  return in.finish(std::move(message));
}

bool encode_negotiate_protocol_version(Bytes& out, std::uint32_t version,
                                       std::span<const ByteView> unknown_options) {
  Writer message{out};
  message.begin(server::kNegotiateProtocolVersion);
  message.u32(version);
  message.u32(static_cast<std::uint32_t>(unknown_options.size()));
  for (ByteView name : unknown_options) message.cstring(name);
  return message.end();
}

}  // namespace pgward::protocol
