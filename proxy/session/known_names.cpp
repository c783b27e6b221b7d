#include <algorithm>

#include "proxy/session/error_back.h"

namespace pgward::proxy {
namespace {

// "schema"."name" or schema.name: the parts, unquoted. Nothing for more than three parts.
std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '"') {
      if (quoted && i + 1 < name.size() && name[i + 1] == '"') {
        parts.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

bool CatalogNames::knows(rules::NameKind kind, std::string_view name) const {
  if (catalog_ == nullptr) return false;
  if (knows_bare(kind, name)) return true;
  // A qualified name is known when its parts fit together: schema.relation, or relation.column.
  const auto parts = parts_of(name);
  if (parts.size() == 1) return parts[0] != name && knows_bare(kind, parts[0]);
  if (parts.size() > 3) return false;
  if (kind == rules::NameKind::column) {
    for (const auto& [relation, facts] : catalog_->relations)
      if (relation.name == parts[parts.size() - 2] && facts.column(parts.back())) return true;
    return false;
  }
  const auto& schema = parts[parts.size() - 2];
  const auto& bare = parts.back();
  if (parts.size() != 2) return false;
  switch (kind) {
    case rules::NameKind::relation:
      return catalog_->find({schema, bare}) != nullptr;
    case rules::NameKind::function: {
      auto [from, to] = catalog_->functions.equal_range(bare);
      return std::any_of(from, to, [&](const auto& entry) { return entry.second.name.schema == schema; });
    }
    case rules::NameKind::type: {
      auto [from, to] = catalog_->types.equal_range(bare);
      return std::any_of(from, to, [&](const auto& entry) { return entry.second == schema; });
    }
    case rules::NameKind::any:
      return catalog_->find({schema, bare}) != nullptr;
    default:
      return false;
  }
}

bool CatalogNames::knows_bare(rules::NameKind kind, std::string_view name) const {
  auto relation = [&] {
    return std::any_of(catalog_->relations.begin(), catalog_->relations.end(),
                       [&](const auto& entry) { return entry.first.name == name; });
  };
  auto column = [&] {
    return std::any_of(catalog_->relations.begin(), catalog_->relations.end(),
                       [&](const auto& entry) { return entry.second.column(name) != nullptr; });
  };
  auto schema = [&] {
    return std::any_of(catalog_->relations.begin(), catalog_->relations.end(),
                       [&](const auto& entry) { return entry.first.schema == name; });
  };
  switch (kind) {
    case rules::NameKind::relation:
      return relation();
    case rules::NameKind::column:
      return column();
    case rules::NameKind::constraint:
      return catalog_->constraints.contains(name);
    case rules::NameKind::type:
      return catalog_->types.contains(name);
    case rules::NameKind::function:
      return catalog_->functions.contains(name);
    case rules::NameKind::schema:
      return schema();
    case rules::NameKind::role:
      return name == catalog_->upstream_user;
    case rules::NameKind::setting:
      return false;  // the scrubber knows PostgreSQL's own; others are the client's words
    case rules::NameKind::any:
      return relation() || column() || schema() || catalog_->constraints.contains(name) ||
             catalog_->types.contains(name) || catalog_->functions.contains(name);
  }
  return false;
}

}  // namespace pgward::proxy
