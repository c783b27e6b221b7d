// FunctionCall ('F'): calls a function by OID without any SQL. Drivers use it for large objects.
// FunctionCallResponse ('V'): what it gave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct FunctionCall {
  std::uint32_t function;  // OID
  std::vector<std::int16_t> argument_formats;
  std::vector<std::optional<ByteView>> arguments;  // views into the body; nullopt is NULL
  std::int16_t result_format;

  std::int16_t format_of(std::size_t i) const;  // 0 text, 1 binary
};

// bad_value as in Bind.
Result<FunctionCall> decode_function_call(ByteView body);

struct FunctionCallResponse {
  std::optional<ByteView> value;  // looks into the body; nullopt is NULL
};

Result<FunctionCallResponse> decode_function_call_response(ByteView body);

}  // namespace pgward::protocol
