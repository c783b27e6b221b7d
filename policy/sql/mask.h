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

// Nothing when the relation shows ruled columns in a way that cannot be masked, or is not opened to the role.
std::optional<ColumnRules> column_rules(const Policy& policy, const Role& role, const Catalog& catalog,
                                        const Relation& relation);
// Whether there may be any: without, nobody need ask.
inline bool has_column_rules(const Role& role) { return !role.bound || !role.columns.empty(); }

// Of a role without a tenant: whether it names this relation or a parent of it.
bool opened(const Role& role, const Catalog& catalog, const Relation& relation);
// Rules of the relation, of its ancestors, and of its children, whose rows are read with it: what one of them
// calls PHI is PHI.
std::vector<const TableRule*> rules_around(const Policy& policy, const Catalog& catalog, const Relation& relation);
// Whether the rule rests on this column.
bool names_column(const TableRule& rule, const std::string& column);
// The rule of a column that may not be named.
extern const ColumnRule kClosedColumn;
// Closes all columns that such a role does not see. False: a view whose columns it does not name.
bool close_columns(const Policy& policy, const Role& role, const Catalog& catalog, const Relation& relation,
                   ColumnRules& rules);

// `fields` name the column as it is to be written: {"p", "ssn"}.
std::string mask_text(const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields);
Ref mask_node(Tree& tree, const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields);

// Can this kind of mask stand for a column of that type?
bool mask_fits(const ColumnRule& rule, const std::string& type);

}  // namespace pgward::policy::sql
