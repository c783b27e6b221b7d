// Well-formed UTF-8 (Unicode, table 3-7).
#pragma once

#include <cstddef>
#include <string_view>

namespace pgward::audit {

// Length of the character that begins at `at`, or 0 when it is not well-formed.
std::size_t utf8_character(std::string_view text, std::size_t at);

}  // namespace pgward::audit
