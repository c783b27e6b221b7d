// CopyFail ('f'): the client gives up a COPY FROM STDIN. Its reason comes back in the server's error.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct CopyFail {
  ByteView reason;  // looks into the body
};

Result<CopyFail> decode_copy_fail(ByteView body);
bool encode_copy_fail(Bytes& out, ByteView reason);

}  // namespace pgward::protocol
