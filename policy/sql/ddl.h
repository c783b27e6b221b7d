// Changes of the schema, for roles without a tenant that may `ddl`. They change tables without reading rows: what is
// PHI may not stand in an expression either, since whether a CHECK holds tells of a value.
//
// A relation that the catalog does not have yet was made a moment ago, perhaps in this very transaction: it cannot
// be one that the policy names.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

bool may_change_schema(const Role& role);

// Kind::ddl.
bool walk_ddl(Analysis& analysis, Ref node);
// DROP TABLE of what is not temporary.
bool walk_ddl_drop_table(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
