// Names in FROM and as targets: which relation it is, and how the policy covers it.
#pragma once

#include <string>
#include <vector>

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

// The relation of a range_var that is no CTE. Writes its schema into text and tree when it was left
// out, so that the server never looks a bare name of ours up. Null: refused.
const Relation* resolve_relation(Analysis& analysis, Ref range_var);

// What the policy says of it for reading ('R') or writing ('C', 'U', 'D'). Null: refused.
const Protection* protection_for(Analysis& analysis, const Relation& relation, char action,
                                 bool with_children);

}  // namespace pgward::policy::sql
