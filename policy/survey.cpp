#include "policy/survey.h"

#include <algorithm>

namespace pgward::policy {

const std::string* Survey::setting(std::string_view name) const {
  const auto found = settings.find(name);
  return found == settings.end() ? nullptr : &found->second;
}

const TableFacts* Survey::table(const RelationName& name) const {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

bool Survey::indexed(const RelationName& table, std::string_view column) const {
  return std::any_of(indexes.begin(), indexes.end(), [&](const TableIndex& index) {
    return index.table == table && !index.partial && !index.columns.empty() &&
           index.columns.front() == column;
  });
}

}  // namespace pgward::policy
