#include "protocol/password.h"

#include "protocol/message_types.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace pgward::protocol {

Result<PasswordMessage> decode_password(ByteView body) {
  Reader in{body};
  PasswordMessage message{in.cstring()};
  return in.finish(message);
}

bool encode_password(Bytes& out, ByteView password) {
  Writer message{out};
  message.begin(client::kPassword);
  message.cstring(password);
  return message.end();
}

}  // namespace pgward::protocol
