// Letters as the server folds them where it ignores case in settings and encodings: A to Z only, whatever
// the locale.
#pragma once

#include <string>
#include <string_view>

namespace pgward::policy {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

}  // namespace pgward::policy
