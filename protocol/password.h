// PasswordMessage ('p'): the answer to AuthenticationCleartextPassword or AuthenticationMD5Password.
// The same type byte carries SASL answers (sasl.h): which one is due, only the log-in knows.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct PasswordMessage {
  ByteView password;  // a secret; looks into the body. May be empty.
};

// Exactly one zero byte, at the end, as the server demands (recv_password_packet).
Result<PasswordMessage> decode_password(ByteView body);

bool encode_password(Bytes& out, ByteView password);

}  // namespace pgward::protocol
