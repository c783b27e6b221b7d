#include "protocol/copy_response.h"

#include <utility>

#include "protocol/format_codes.h"
#include "protocol/reader.h"

namespace pgward::protocol {

Result<CopyResponse> decode_copy_response(ByteView body) {
  Reader in{body};
  CopyResponse message;
  message.format = in.u8();  // one byte here, two everywhere else
  if (message.format != kTextFormat && message.format != kBinaryFormat) in.fail(WireError::bad_value);
  message.column_formats = read_format_codes(in);
  return in.finish(std::move(message));
}

}  // namespace pgward::protocol
