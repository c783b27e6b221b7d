#include "protocol/query.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<Query> decode_query(ByteView body) {
  Reader in{body};
  Query message{in.cstring()};
  return in.finish(message);
}

bool encode_query(Bytes& out, ByteView sql) {
  Writer message{out};
  message.begin(client::kQuery);
  message.cstring(sql);
  return message.end();
}

}  // namespace pgward::protocol
