#include "rules/known.h"

#include <algorithm>

namespace pgward::rules {
namespace {

constexpr std::size_t kNameBytesMax = 63;    // NAMEDATALEN - 1: nothing longer is a name
constexpr std::size_t kDigitsInNameMax = 4;  // a longer number may be somebody's
constexpr std::size_t kInitialsMax = 1;      // one letter names nobody

bool looks_made_by_a_program(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  std::size_t digits = 0;
  bool marked = false;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    digits = digit ? digits + 1 : 0;
    if (digits > kDigitsInNameMax || !(digit || c == '_' || (c >= 'a' && c <= 'z'))) return false;
    marked = marked || digit || c == '_';
  }
  return marked || name.size() <= kInitialsMax;
}

// A word longer than this is known, or it could be a person.
constexpr std::size_t kUnknownWordMax = 8;

}  // namespace

bool Known::has_exactly(NameKind kind, std::string_view name) const {
  return vocabulary_.has_name(kind, name) || names_.knows(kind, name) ||
         std::find(named_here_.begin(), named_here_.end(), name) != named_here_.end();
}

bool Known::has(NameKind kind, std::string_view name) const {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  if (has_exactly(kind, name)) return true;
  switch (kind) {
    case NameKind::relation:
      return has_exactly(NameKind::constraint, name);
    case NameKind::constraint:
    case NameKind::type:
      return has_exactly(NameKind::relation, name);
    default:
      return false;
  }
}

bool Known::has_or_is_catalog_name(NameKind kind, std::string_view name) const {
  if (has(kind, name)) return true;
  if (!looks_made_by_a_program(name)) return false;
  while (!name.empty()) {
    const auto word = name.substr(0, name.find('_'));
    if (word.size() > kUnknownWordMax && !has(NameKind::any, word) && !vocabulary_.is_keyword(word))
      return false;
    name.remove_prefix(std::min(word.size() + 1, name.size()));
  }
  return true;
}

}  // namespace pgward::rules
