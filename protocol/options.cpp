#include "protocol/options.h"

#include <algorithm>

namespace pgward::protocol {
namespace {

using Setting = std::pair<std::string, std::string>;

// isspace() of the C locale, which is the one that counts for ASCII.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// NEL and NBSP: blanks to isspace() under some single-byte locales. Which one the server runs under is
// not known here, and a difference about where a word ends would smuggle a switch past us.
bool may_be_space(char c) {
  return c == '\x85' || c == '\xa0';
}

// pg_split_opts: words at blanks, a backslash takes the next character as it is. A backslash at
// the very end disappears.
Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    if (!escaped && may_be_space(text[i])) return WireError::bad_value;
    if (!escaped && is_space(text[i])) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (escaped && ++i == text.size()) break;
    words.back().push_back(text[i]);
  }
  return words;
}

// ParseLongOption. Both -c and -- demand a value; an empty one is one.
Result<Setting> parse_setting(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) return WireError::bad_value;
  std::string name{text.substr(0, equals)};
  std::replace(name.begin(), name.end(), '-', '_');
  return Setting{std::move(name), std::string{text.substr(equals + 1)}};
}

}  // namespace

Result<std::vector<Setting>> split_options(std::string_view options) {
  if (options.find('\0') != std::string_view::npos) return WireError::bad_value;
  const auto words = split_words(options);
  if (!words) return words.error();

  std::vector<Setting> settings;
  for (auto word = words->begin(); word != words->end(); ++word) {
    std::string_view text = *word;
    if (text == "-c") {  // getopt takes the next word whatever it looks like
      if (++word == words->end()) return WireError::bad_value;
      text = *word;
    } else if (text.starts_with("-c") || text.starts_with("--")) {
      text.remove_prefix(2);
    } else {
      return WireError::bad_value;
    }
    auto setting = parse_setting(text);
    if (!setting) return setting.error();
    settings.push_back(std::move(*setting));
  }
  return settings;
}

}  // namespace pgward::protocol
