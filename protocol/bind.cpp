#include "protocol/bind.h"

#include <utility>

#include "protocol/format_codes.h"
#include "protocol/reader.h"

namespace pgward::protocol {

std::int16_t Bind::format_of(std::size_t i) const {
  return format_code_of(parameter_formats, i).value_or(kTextFormat);
}

Result<Bind> decode_bind(ByteView body) {
  Reader in{body};
  Bind message;
  message.portal = in.cstring();
  message.statement = in.cstring();
  message.parameter_formats = read_format_codes(in);
  for (auto left = in.u16(); left > 0 && in.ok(); --left) message.parameters.push_back(in.sized_value());
  message.result_formats = read_format_codes(in);

  const std::size_t formats = message.parameter_formats.size();
  if (formats > 1 && formats != message.parameters.size()) in.fail(WireError::bad_value);
  return in.finish(std::move(message));
}

}  // namespace pgward::protocol
