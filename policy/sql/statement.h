// One statement of a text, whatever its kind.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

// Decides and rewrites it, and fills Analysis::facts, which are empty before.
bool walk_statement(Analysis& analysis, Ref node);
// The same for what may stand inside DECLARE, PREPARE and EXPLAIN: SELECT, VALUES, INSERT, UPDATE, DELETE,
// MERGE. Anything else is refused.
bool walk_query_statement(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
