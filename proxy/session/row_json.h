// Rows as PostgreSQL's row_to_json() writes them: cut into columns without being read any further. A column may hold JSON of
// any size and depth; nothing here recurses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::proxy {

struct JsonField {
  std::string name;
  std::string_view value;  // as it is written: "text", 12, null, {..}; looks into the text
};

// The members of one object; nothing: it is none.
std::optional<std::vector<JsonField>> json_fields(std::string_view object);

// What a value says: of a string its text, of anything else the value as it is written. Nothing: null, or no value.
std::optional<std::string> json_text(std::string_view value);

}  // namespace pgward::proxy
