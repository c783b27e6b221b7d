#include "protocol/error.h"

#include <stdexcept>
#include <string>

namespace pgward::protocol {

std::string_view to_text(WireError error) {
  switch (error) {
    case WireError::truncated:
      return "truncated";
    case WireError::trailing_bytes:
      return "trailing_bytes";
    case WireError::bad_value:
      return "bad_value";
    case WireError::too_large:
      return "too_large";
  }
  return "unknown";
}

void throw_exception_from_error(WireError error, const boost::source_location&) {
  throw std::logic_error("value() of a failed decode: " + std::string(to_text(error)));
}

}  // namespace pgward::protocol
