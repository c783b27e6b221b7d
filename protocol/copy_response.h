// CopyInResponse ('G'), CopyOutResponse ('H'), CopyBothResponse ('W'): a COPY begins, and how its data are
// laid out.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct CopyResponse {
  std::int16_t format;                       // of the whole: 0 text, 1 binary; anything else is bad_value
  std::vector<std::int16_t> column_formats;  // one per column
};

Result<CopyResponse> decode_copy_response(ByteView body);

}  // namespace pgward::protocol
