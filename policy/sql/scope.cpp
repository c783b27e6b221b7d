#include "policy/sql/scope.h"

#include <algorithm>

namespace pgward::policy::sql {
namespace {

// db.schema.table.column or schema.table.column: only an item without alias answers to it.
bool answers_to(const FromItem& item, const std::vector<std::string>& qualifier) {
  if (qualifier.size() == 1) return item.name == qualifier[0];
  if (item.aliased || item.protection == nullptr) return false;
  const RelationName& name = item.protection->relation->name;
  return qualifier[qualifier.size() - 1] == name.name && qualifier[qualifier.size() - 2] == name.schema;
}

std::vector<Resolved> resolve_qualified(const Level* level, const std::vector<std::string>& qualifier,
                                        std::string_view column, bool star) {
  for (; level != nullptr; level = level->outer) {
    std::vector<Resolved> found;
    for (const FromItem& item : level->seen())
      if (answers_to(item, qualifier)) found.push_back({&item, star, star || item.columns.has(column)});
    if (!found.empty()) return found;
  }
  return {};
}

std::vector<Resolved> resolve_bare(const Level* level, const std::string& name) {
  std::vector<Resolved> all;
  for (; level != nullptr; level = level->outer) {
    bool certain = false;
    for (const FromItem& item : level->seen()) {
      const bool has = item.columns.has(name);
      certain = certain || has;
      if (has || !item.columns.complete) all.push_back({&item, false, has});
      if (item.name == name) all.push_back({&item, true, false});
    }
    if (certain) break;
  }
  return all;
}

}  // namespace

bool Columns::has(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Reference FromItem::reference() const {
  if (aliased) return {{name}};
  return {{protection->relation->name.schema, protection->relation->name.name}};
}

bool holds(const Level& level, const FromItem* item) {
  return std::any_of(level.items.begin(), level.items.end(),
                     [&](const FromItem& each) { return &each == item; });
}

const Level* level_of(const Level* level, const FromItem* item) {
  while (level != nullptr && !holds(*level, item)) level = level->outer;
  return level;
}

const WithScope::Query* find_with(const WithScope* scope, std::string_view name) {
  for (; scope != nullptr; scope = scope->outer)
    for (const WithScope::Query& query : scope->queries)
      if (query.name == name) return &query;
  return nullptr;
}

std::vector<Resolved> resolve_column(const Level* level, const std::vector<std::string>& fields, bool star) {
  if (fields.empty()) {  // a bare *
    std::vector<Resolved> all;
    if (level != nullptr)
      for (const FromItem& item : level->seen()) all.push_back({&item, true, true});
    return all;
  }
  if (star) return resolve_qualified(level, fields, {}, true);
  if (fields.size() == 1) return resolve_bare(level, fields.front());
  return resolve_qualified(level, {fields.begin(), fields.end() - 1}, fields.back(), false);
}

}  // namespace pgward::policy::sql
