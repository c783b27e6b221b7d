#include "protocol/parse.h"

#include <utility>

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<Parse> decode_parse(ByteView body) {
  Reader in{body};
  Parse message;
  message.name = in.cstring();
  message.sql = in.cstring();
  for (auto left = in.u16(); left > 0 && in.ok(); --left) message.parameter_types.push_back(in.u32());
  return in.finish(std::move(message));
}

bool encode_parse(Bytes& out, ByteView name, ByteView sql, std::span<const std::uint32_t> parameter_types) {
  Writer message{out};
  message.begin(client::kParse);
  message.cstring(name);
  message.cstring(sql);
  message.count16(parameter_types.size());
  for (std::uint32_t oid : parameter_types) message.u32(oid);
  return message.end();
}

}  // namespace pgward::protocol
