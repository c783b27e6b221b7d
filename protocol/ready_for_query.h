// ReadyForQuery ('Z'): the server waits for the next command, and says how its transaction stands.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

// 'I' idle, 'T' in a transaction, 'E' in a failed one; anything else is bad_value.
Result<char> decode_ready_for_query(ByteView body);
void encode_ready_for_query(Bytes& out, char status);

}  // namespace pgward::protocol
