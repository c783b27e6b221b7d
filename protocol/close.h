// Close ('C'): the client drops a prepared statement or a portal. A name that does not exist is no error.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Close {
  char kind;      // 'S' a prepared statement, 'P' a portal; anything else is bad_value
  ByteView name;  // empty: the unnamed one; looks into the body
};

Result<Close> decode_close(ByteView body);

}  // namespace pgward::protocol
