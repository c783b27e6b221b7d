// UTF-8 as PostgreSQL judges it (pg_utf8_verifystr): shortest form only, no surrogates, nothing above
// U+10FFFF, and no zero byte, which the server takes in no text at all.
#pragma once

#include <string_view>

namespace pgward::protocol {

bool is_valid_utf8(std::string_view text);

}  // namespace pgward::protocol
