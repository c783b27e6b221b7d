// NegotiateProtocolVersion ('v'): the server speaks an older minor version than was asked for, or does not
// know some `_pq_.` options. Not an error: the session goes on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct NegotiateProtocolVersion {
  // The manual says "newest minor version", the server sends the whole number (3 << 16 | minor).
  std::uint32_t version;
  std::vector<ByteView> unknown_options;  // look into the body
};

Result<NegotiateProtocolVersion> decode_negotiate_protocol_version(ByteView body);
bool encode_negotiate_protocol_version(Bytes& out, std::uint32_t version,
                                       std::span<const ByteView> unknown_options);

}  // namespace pgward::protocol
