// Execute ('E'): runs a portal, or the next piece of it.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Execute {
  ByteView portal;        // empty: the unnamed portal; looks into the body
  std::int32_t max_rows;  // 0 or less: all of them
};

Result<Execute> decode_execute(ByteView body);

}  // namespace pgward::protocol
