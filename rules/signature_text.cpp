// Signatures, keys and phrases: texts made of several names.
#include <algorithm>

#include "rules/name_text.h"

namespace pgward::rules {
namespace {

constexpr std::string_view kSigns = ",;()[]{}=<>+-*/%^.:|&~!@#?";
constexpr std::string_view kOperatorSigns = "+-*/<>=~!@#%^&|`?";
constexpr std::size_t kPhraseBytesMax = 60;

bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == text.npos;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// "year => integer", "VARIADIC text[]", "integer".
std::string keep_argument(const Known& known, std::string_view text) {
  std::string kept;
  if (const auto arrow = text.find(" => "); arrow != text.npos) {
    const auto name = text.substr(0, arrow);
    kept.append(known.has(NameKind::any, name) ? name : kRemoved).append(" => ");
    text.remove_prefix(arrow + 4);
  }
  if (text.starts_with("VARIADIC ")) {
    kept += "VARIADIC ";
    text.remove_prefix(9);
  }
  return kept.append(is_known_type(known, text) ? text : kRemoved);
}

bool is_known_word_of_key(const Known& known, std::string_view word, bool from_catalog) {
  if (only(word, "0123456789")) return word.size() <= 3;
  const auto name = unquoted(word);
  return (from_catalog ? known.has_or_is_catalog_name(NameKind::column, name) : known.has(NameKind::column, name)) || known.has(NameKind::function, name) ||
         known.has(NameKind::type, name) || known.vocabulary().is_keyword(lower(word));
}

// The end of the word or quoted name that begins at `at`.
std::size_t word_end(std::string_view text, std::size_t at) {
  if (text[at] == '"') {
    const auto close = text.find('"', at + 1);
    return close == text.npos ? close : close + 1;
  }
  while (at < text.size() && is_word_byte(text[at])) ++at;
  return at;
}

}  // namespace

std::optional<std::string> keep_function(const Known& known, std::string_view text) {
  const auto open = text.rfind('(');
  if (open == text.npos || !text.ends_with(')')) return keep_name(known, NameKind::function, text);
  std::string kept =
      keep_name(known, NameKind::function, text.substr(0, open)).value_or(std::string{kRemoved});
  kept += '(';
  auto rest = text.substr(open + 1, text.size() - open - 2);
  while (!rest.empty()) {
    // "a(text, text)" in a message, "a(text,text)" in a context
    const auto comma = rest.find(',');
    kept += keep_argument(known, rest.substr(0, comma));
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
    if (comma != rest.npos) kept += ',';
    if (rest.starts_with(' ')) {
      kept += ' ';
      rest.remove_prefix(1);
    }
  }
  return kept += ')';
}

std::optional<std::string> keep_operator(const Known& known, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    if (!only(text.substr(at, end - at), kOperatorSigns)) {
      at = end + 1;
      continue;
    }
    const auto left = at == 0 ? std::string_view{} : text.substr(0, at - 1);
    const auto right = end == text.size() ? std::string_view{} : text.substr(end + 1);
    std::string kept;
    if (!left.empty()) kept.append(is_known_type(known, left) ? left : kRemoved).append(" ");
    kept.append(text.substr(at, end - at));
    if (!right.empty()) kept.append(" ").append(is_known_type(known, right) ? right : kRemoved);
    return kept;
  }
  return std::nullopt;
}

bool are_known_columns(const Known& known, std::string_view text, bool from_catalog) {
  if (text.empty()) return false;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '"' && !is_word_byte(text[at])) {
      if (std::string_view{" ,()[].:|+-*/<>="}.find(text[at]) == std::string_view::npos) return false;
      ++at;
      continue;
    }
    const auto end = word_end(text, at);
    if (end == text.npos || !is_known_word_of_key(known, text.substr(at, end - at), from_catalog)) return false;
    at = end;
  }
  return true;
}

bool is_keyword_phrase(const Vocabulary& vocabulary, std::string_view text) {
  if (text.empty() || text.size() > kPhraseBytesMax) return false;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" /,"), text.size());
    const auto word = text.substr(0, end);
    const bool upper =
        std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    if (!upper || (!word.empty() && !vocabulary.is_keyword(lower(word)))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool is_keyword_or_sign(const Vocabulary& vocabulary, std::string_view text) {
  if (text.size() > kPhraseBytesMax) return false;
  return (text.size() <= 3 && only(text, kSigns)) || vocabulary.is_keyword(lower(text));
}

}  // namespace pgward::rules
