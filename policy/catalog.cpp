#include "policy/catalog.h"

#include <algorithm>

namespace pgward::policy {

const Column* Relation::column(std::string_view column_name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& one) { return one.name == column_name; });
  return found == columns.end() ? nullptr : &*found;
}

void Catalog::add(Relation relation) {
  if (const auto old = relations.find(relation.name); old != relations.end())
    relation_by_oid.erase(old->second.oid);
  relation_by_oid.insert_or_assign(relation.oid, relation.name);
  RelationName key = relation.name;
  relations.insert_or_assign(std::move(key), std::move(relation));
}

const Relation* Catalog::find(const RelationName& name) const {
  const auto found = relations.find(name);
  return found == relations.end() ? nullptr : &found->second;
}

const Relation* Catalog::resolve(std::string_view name, const std::vector<std::string>& search_path) const {
  for (const std::string& schema : search_path)
    if (const Relation* found = find({schema, std::string(name)})) return found;
  return nullptr;
}

const Relation* Catalog::find(Oid oid) const {
  const auto found = relation_by_oid.find(oid);
  return found == relation_by_oid.end() ? nullptr : find(found->second);
}

std::vector<const Relation*> Catalog::base_tables(const Relation& view) const {
  std::vector<const Relation*> tables;
  std::set<Oid> seen{view.oid};
  std::vector<Oid> open(view.reads);
  while (!open.empty()) {
    const Oid oid = open.back();
    open.pop_back();
    const Relation* read = seen.insert(oid).second ? find(oid) : nullptr;
    if (read == nullptr) continue;
    if (read->kind == RelationKind::view || read->kind == RelationKind::materialized_view)
      open.insert(open.end(), read->reads.begin(), read->reads.end());
    else
      tables.push_back(read);
  }
  std::sort(tables.begin(), tables.end(),
            [](const Relation* a, const Relation* b) { return a->name < b->name; });
  return tables;
}

}  // namespace pgward::policy
