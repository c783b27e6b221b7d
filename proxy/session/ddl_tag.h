// Does a CommandComplete tag tell of a statement that may have changed the catalog? What was run is the server's
// word, so it counts however the statement came there: rewritten, prepared, in a string of several.
#pragma once

#include <array>
#include <string_view>

namespace pgward::proxy {

// DO and CALL may have done anything. CREATE TABLE AS and SELECT INTO answer "SELECT n" and are not seen here:
// a name that is missing afterwards is (Services::suspect_catalog).
inline bool may_change_catalog(std::string_view tag) {
  // What nearly every statement answers.
  if (tag.starts_with("SELECT ") || tag.starts_with("INSERT ") || tag.starts_with("UPDATE ")) return false;
  constexpr std::array<std::string_view, 11> kFirstWords{"CREATE", "ALTER",  "DROP",     "GRANT",    "REVOKE", "DO",
                                                         "CALL",   "COMMENT", "REASSIGN", "SECURITY", "IMPORT"};
  const std::string_view first = tag.substr(0, tag.find_first_of(std::string_view(" \0", 2)));
  for (const std::string_view word : kFirstWords)
    if (first == word) return true;
  return false;
}

}  // namespace pgward::proxy
