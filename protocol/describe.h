// Describe ('D'): the client asks what a prepared statement or a portal takes and gives.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Describe {
  char kind;      // 'S' a prepared statement, 'P' a portal; anything else is bad_value
  ByteView name;  // empty: the unnamed one; looks into the body
};

Result<Describe> decode_describe(ByteView body);

}  // namespace pgward::protocol
