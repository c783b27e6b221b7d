// Names and types.
#include "rules/name_text.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kPartsMax = 4;  // database.schema.table.column

// The length of the part that text begins with; npos for an open quote.
std::size_t part_length(std::string_view text) {
  if (!text.starts_with('"')) return text.find('.') == text.npos ? text.size() : text.find('.');
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') continue;
    if (i + 1 < text.size() && text[i + 1] == '"')
      ++i;
    else
      return i + 1;
  }
  return text.npos;
}

// What a part names that has `behind` parts after it.
NameKind kind_of_part(NameKind last, std::size_t behind) {
  if (behind == 0) return last;
  return last == NameKind::column && behind == 1 ? NameKind::relation : NameKind::schema;
}

// "numeric(6,2)" -> "numeric", "timestamp(3) with time zone" -> "timestamp with time zone"; short
// numbers only, since a modifier is one.
std::string without_modifier(std::string_view text) {
  const auto open = text.find('(');
  const auto close = text.find(')', open == text.npos ? 0 : open);
  if (open == text.npos || close == text.npos || close - open > 12) return std::string{text};
  const auto inside = text.substr(open + 1, close - open - 1);
  if (inside.empty() || inside.find_first_not_of("0123456789,-") != inside.npos) return std::string{text};
  return std::string{text.substr(0, open)}.append(text.substr(close + 1));
}

}  // namespace

std::vector<std::string_view> dotted_parts(std::string_view text) {
  std::vector<std::string_view> parts;
  while (parts.size() <= kPartsMax) {
    const auto length = part_length(text);
    if (length == text.npos || length == 0) return {};
    parts.push_back(text.substr(0, length));
    text.remove_prefix(length);
    if (text.empty()) return parts;
    if (!text.starts_with('.')) return {};
    text.remove_prefix(1);
  }
  return {};
}

std::string unquoted(std::string_view part) {
  if (part.size() < 2 || !part.starts_with('"') || !part.ends_with('"')) return std::string{part};
  std::string out;
  for (std::size_t i = 1; i + 1 < part.size(); ++i) {
    out += part[i];
    if (part[i] == '"' && part[i + 1] == '"' && i + 2 < part.size()) ++i;
  }
  return out;
}

std::optional<std::string> keep_name(const Known& known, NameKind kind, std::string_view text,
                                     bool from_catalog) {
  if (known.has(kind, text)) return std::string{text};
  const auto parts = dotted_parts(text);
  std::string kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part_kind = kind_of_part(kind, parts.size() - 1 - i);
    const auto name = unquoted(parts[i]);
    const bool stays =
        from_catalog ? known.has_or_is_catalog_name(part_kind, name) : known.has(part_kind, name);
    if (!stays) return i == 0 ? std::nullopt : std::optional{kept.append(kRemoved)};
    kept.append(parts[i]).append(i + 1 < parts.size() ? "." : "");
  }
  if (kept.empty()) return std::nullopt;
  return kept;
}

bool is_known_type(const Known& known, std::string_view text) {
  if (text.starts_with("SETOF ")) text.remove_prefix(6);
  while (text.ends_with("[]")) text.remove_suffix(2);
  const auto bare = without_modifier(text);
  if (known.has(NameKind::type, bare)) return true;
  const auto kept = keep_name(known, NameKind::type, bare);
  return kept && *kept == bare;
}

}  // namespace pgward::rules
