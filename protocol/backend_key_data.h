// BackendKeyData ('K'): what a client needs to cancel a query of this session.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct BackendKeyData {
  std::uint32_t pid;
  ByteView key;  // a secret of 4 to 256 bytes (more than 4 only in protocol 3.2); looks into the body
};

// A key too short is truncated, one too long trailing_bytes.
Result<BackendKeyData> decode_backend_key_data(ByteView body);
bool encode_backend_key_data(Bytes& out, std::uint32_t pid, ByteView key);

}  // namespace pgward::protocol
