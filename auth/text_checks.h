// What a text from outside may not contain when it is to stand in records, logs and settings.
#pragma once

#include <string_view>

namespace pgward::auth {

// C0 (with NUL), DEL and C1 controls of valid UTF-8: they cut C strings short, forge lines in logs and
// drive terminals.
inline bool has_control_character(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace pgward::auth
