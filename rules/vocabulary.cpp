#include "rules/vocabulary.h"

#include <algorithm>
#include <utility>

#include "rules/packs.h"

namespace pgward::rules {
namespace {

constexpr std::array<std::pair<std::string_view, NameKind>, 7> kKinds{{{"relation", NameKind::relation},
                                                                       {"type", NameKind::type},
                                                                       {"function", NameKind::function},
                                                                       {"schema", NameKind::schema},
                                                                       {"role", NameKind::role},
                                                                       {"setting", NameKind::setting},
                                                                       {"name", NameKind::any}}};

// The schema of a session's temporary objects carries a number: pg_temp_4.
bool is_temporary_schema(std::string_view name) {
  for (std::string_view prefix : {"pg_temp_", "pg_toast_temp_"}) {
    if (!name.starts_with(prefix)) continue;
    const auto digits = name.substr(prefix.size());
    return !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == digits.npos;
  }
  return false;
}

}  // namespace

Vocabulary::Vocabulary() {
  for_each_line(kBuiltinPack, [&](std::string_view line) {
    const auto gap = std::min(line.find(' '), line.size() - 1);
    const auto what = line.substr(0, gap);
    const auto word = line.substr(gap + 1);
    if (what == "keyword") keywords_.insert(word);
    if (what == "severity") severities_.insert(word);
    for (const auto& [name, kind] : kKinds)
      if (what == name) names_[static_cast<std::size_t>(kind)].insert(word);
  });
}

bool Vocabulary::has_name(NameKind kind, std::string_view name) const {
  if (kind == NameKind::any)
    return std::any_of(names_.begin(), names_.end(),
                       [&](const Words& words) { return words.contains(name); });
  if (kind == NameKind::schema && is_temporary_schema(name)) return true;
  return names_[static_cast<std::size_t>(kind)].contains(name);
}

}  // namespace pgward::rules
