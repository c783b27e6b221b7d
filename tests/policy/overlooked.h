// A third pair of eyes for tests: the relations of a statement as the library's JSON tells them, which shares no code
// with policy/sql. Whatever the walk overlooked, and its proof with it, is found here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"

namespace pgward::tests {

struct NamedRelation {
  policy::RelationName name;
  bool bare = false;  // written without a schema
};

struct NamedRelations {
  std::vector<NamedRelation> read;     // each reference to a tenant's relation whose rows are looked at: needs a predicate
  std::vector<NamedRelation> written;  // targets of INSERT and COPY FROM, and what LOCK names
  bool bare = false;                   // any name of a relation of the catalog stands without its schema
};

// Names that a WITH query of the statement hides are left out. Nothing when the library cannot parse the text.
std::optional<NamedRelations> named_relations(const std::string& sql, const policy::Policy& policy, const policy::Catalog& catalog,
                                              const std::vector<std::string>& path);

// What another parser reads in the text, statement by statement, without places. From the list after SELECT or RETURNING
// of each the first `added` items are taken away, as if they had never been there.
std::optional<std::vector<std::string>> statement_trees(const std::string& sql, const std::vector<std::size_t>& added);

}  // namespace pgward::tests
