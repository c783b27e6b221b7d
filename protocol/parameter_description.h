// ParameterDescription ('t'): the types of a prepared statement's parameters, as the server settled them.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct ParameterDescription {
  std::vector<std::uint32_t> types;  // OIDs
};

Result<ParameterDescription> decode_parameter_description(ByteView body);

}  // namespace pgward::protocol
