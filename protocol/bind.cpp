#include "protocol/bind.h"

#include <algorithm>
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

Result<std::optional<Bind>> decode_bind_prefix(ByteView body_so_far, std::size_t parameters_wanted) {
  Reader in{body_so_far};
  Bind message;
  message.portal = in.cstring();
  message.statement = in.cstring();
  message.parameter_formats = read_format_codes(in);
  const std::size_t count = in.u16();
  const std::size_t formats = message.parameter_formats.size();
  if (in.ok() && formats > 1 && formats != count) in.fail(WireError::bad_value);
  for (auto left = std::min(count, parameters_wanted); left > 0 && in.ok(); --left)
    message.parameters.push_back(in.sized_value());
  in.rest();
  const auto result = in.finish(0);
  if (result) return std::optional<Bind>{std::move(message)};
  if (result.error() == WireError::truncated) return std::optional<Bind>{};
  return result.error();
}

}  // namespace pgward::protocol
