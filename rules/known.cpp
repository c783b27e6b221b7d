#include "rules/known.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kNameBytesMax = 63;    // NAMEDATALEN - 1: nothing longer is a name
constexpr std::size_t kDigitsInNameMax = 4;  // a longer number may be somebody's

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
  return marked;
}

}  // namespace

bool Known::has_exactly(NameKind kind, std::string_view name) const {
  return vocabulary_.has_name(kind, name) || names_.knows(kind, name);
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
  return has(kind, name) || looks_made_by_a_program(name);
}

}  // namespace pgward::rules
