// The escapes of JSON strings (RFC 8259, section 7). What is no valid escape stays as it is.
#pragma once

#include <string>
#include <string_view>

namespace pgward::rules {

void json_unescape(std::string_view raw, std::string& out);
void json_escape(std::string_view text, std::string& out);

}  // namespace pgward::rules
