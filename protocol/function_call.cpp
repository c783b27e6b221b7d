#include "protocol/function_call.h"

#include <utility>

#include "protocol/format_codes.h"
#include "protocol/reader.h"

namespace pgward::protocol {

std::int16_t FunctionCall::format_of(std::size_t i) const {
  return format_code_of(argument_formats, i).value_or(kTextFormat);
}

Result<FunctionCall> decode_function_call(ByteView body) {
  Reader in{body};
  FunctionCall message{};
  message.function = in.u32();
  message.argument_formats = read_format_codes(in);
  for (auto left = in.u16(); left > 0 && in.ok(); --left) message.arguments.push_back(in.sized_value());
  message.result_format = in.i16();

  const std::size_t formats = message.argument_formats.size();
  if (formats > 1 && formats != message.arguments.size()) in.fail(WireError::bad_value);
  if (message.result_format != kTextFormat && message.result_format != kBinaryFormat)
    in.fail(WireError::bad_value);
  return in.finish(std::move(message));
}

Result<FunctionCallResponse> decode_function_call_response(ByteView body) {
  Reader in{body};
  FunctionCallResponse message{in.sized_value()};
  return in.finish(message);
}

}  // namespace pgward::protocol
