// ParameterStatus ('S'): the value of a setting that clients are told of, now or since it changed.
// May come between any two messages.
#pragma once

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct ParameterStatus {
  ByteView name;
  ByteView value;  // both look into the body
};

Result<ParameterStatus> decode_parameter_status(ByteView body);
bool encode_parameter_status(Bytes& out, ByteView name, ByteView value);

}  // namespace pgward::protocol
