// Whether a text is one JSON value (RFC 8259) in well-formed UTF-8, and nothing else. One pass, no recursion: depth
// costs a byte a level. Verification asks it of every line, so it is written for speed.
#pragma once

#include <string_view>

namespace pgward::audit {

bool is_json(std::string_view text);

}  // namespace pgward::audit
