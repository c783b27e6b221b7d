#include "rules/log/log_names.h"

#include "rules/log/bytes.h"
#include "rules/log/sql_text.h"

namespace pgward::rules {
namespace {

// A longer word must be one that programs use; shorter ones make up abbreviations.
constexpr std::size_t kUnknownPartMax = 5;

// Tables are called by the plural of what they hold.
bool is_common(std::string_view word, const WordLists& words) {
  return words.common.contains(word) ||
         (word.size() > 3 && word.ends_with('s') && words.common.contains(word.substr(0, word.size() - 1)));
}

}  // namespace

bool LogNames::knows(NameKind kind, std::string_view name) const {
  name = bytes::trimmed(name);
  // Somebody who forgets quotes around a value makes a column of it, or a table with a column
  // ("quillon.a@..." is table quillon): functions and types are named where nobody writes
  // values.
  // A unique index is a constraint and a relation: no other rule for those.
  const bool of_ddl = kind == NameKind::function || kind == NameKind::type || kind == NameKind::role ||
                      kind == NameKind::setting;
  if (of_ddl && is_program_name(name) && name.size() > 1) return true;
  if (rules_.words().columns.contains(name)) return true;
  if (name.empty() || !is_program_name(name)) return false;
  const bool parts = name.find('_') != name.npos;
  while (!name.empty()) {
    const auto part = name.substr(0, name.find('_'));
    const bool known = bytes::all(part, bytes::digit) || is_common(part, rules_.words()) ||
                       rules_.words().columns.contains(part) || (parts && part.size() <= kUnknownPartMax) ||
                       part.size() <= 2;
    if (!known) return false;
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  return true;
}

}  // namespace pgward::rules
