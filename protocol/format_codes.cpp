#include "protocol/format_codes.h"

namespace pgward::protocol {

std::vector<std::int16_t> read_format_codes(Reader& in) {
  std::vector<std::int16_t> codes;
  for (auto left = in.u16(); left > 0 && in.ok(); --left) {
    codes.push_back(in.i16());
    if (codes.back() != kTextFormat && codes.back() != kBinaryFormat) in.fail(WireError::bad_value);
  }
  return codes;
}

std::optional<std::int16_t> format_code_of(const std::vector<std::int16_t>& codes, std::size_t i) {
  if (codes.empty()) return kTextFormat;
  if (codes.size() == 1) return codes.front();
  if (i >= codes.size()) return std::nullopt;
  return codes[i];
}

}  // namespace pgward::protocol
