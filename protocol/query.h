// Query ('Q'): one string of SQL, which may hold several statements, or none.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Query {
  ByteView sql;  // looks into the body
};

Result<Query> decode_query(ByteView body);

// False, and nothing appended, when the SQL holds a zero byte.
bool encode_query(Bytes& out, ByteView sql);

}  // namespace pgward::protocol
