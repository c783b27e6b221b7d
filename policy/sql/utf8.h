// The parser library accepts bytes that are no UTF-8 where the server does not, and what follows a cut
// character may be read differently by the two: so nothing but valid UTF-8 without NUL is parsed.
#pragma once

#include <string_view>

namespace pgward::policy::sql {

// As the server checks it: no overlong forms, no surrogates, nothing above U+10FFFF, no NUL.
bool valid_text(std::string_view text);

}  // namespace pgward::policy::sql
