// How deep a JSON text goes, before a parser whose values are copied by recursion gets it.
#pragma once

#include <cstddef>
#include <string_view>

namespace pgward::audit {

// Of a text that is_json().
inline bool within_depth(std::string_view json, std::size_t depth_max) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      while (++at < json.size() && json[at] != '"')
        if (json[at] == '\\') ++at;
    } else if (c == '{' || c == '[') {
      if (++depth > depth_max) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

}  // namespace pgward::audit
