// Parse ('P'): the client asks the server to prepare a statement.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Parse {
  ByteView name;                               // empty: the unnamed statement
  ByteView sql;                                // views into the body: valid as long as it is
  std::vector<std::uint32_t> parameter_types;  // OIDs; 0, or left out at the end: the server infers it
};

Result<Parse> decode_parse(ByteView body);

// False, and nothing appended, when a text holds a zero byte or there are more than 65535 types.
bool encode_parse(Bytes& out, ByteView name, ByteView sql, std::span<const std::uint32_t> parameter_types);

}  // namespace pgward::protocol
