// How a list of values says which of them are text (0) and which binary (1): no code at all means all
// text, one code means the same for all, otherwise one each. Used by Bind, FunctionCall and COPY.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/reader.h"

namespace pgward::protocol {

inline constexpr std::int16_t kTextFormat = 0;
inline constexpr std::int16_t kBinaryFormat = 1;

// Count and codes at the front of what is left. Codes other than 0 and 1 are bad_value.
std::vector<std::int16_t> read_format_codes(Reader& in);

// Nothing when there is no code for value `i`.
std::optional<std::int16_t> format_code_of(const std::vector<std::int16_t>& codes, std::size_t i);

}  // namespace pgward::protocol
