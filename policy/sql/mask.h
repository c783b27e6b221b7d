// Column rules of a role: what a column that it may not read in full becomes wherever it is named.
//
// Rules hold for a relation, its partitions and children, and for views whose column is nothing but the
// ruled one. A view that does anything else with a ruled column is closed to the role.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

using ColumnRules = std::map<std::string, const ColumnRule*>;

// Nothing when the relation shows ruled columns in a way that cannot be masked.
std::optional<ColumnRules> column_rules(const Role& role, const Catalog& catalog, const Relation& relation);

// `fields` name the column as it is to be written: {"p", "ssn"}.
std::string mask_text(const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields);
Ref mask_node(Tree& tree, const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields);

// Can this kind of mask stand for a column of that type?
bool mask_fits(const ColumnRule& rule, const std::string& type);

}  // namespace pgward::policy::sql
