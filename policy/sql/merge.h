// MERGE. As under row-level security, rows of others are not there: they neither match nor change, and
// what is inserted or updated carries the caller's tenant. A row of another with the same key makes the
// INSERT collide.
#pragma once

#include "policy/sql/merge_text.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool walk_merge(QueryWalk& walk, Ref node);

// WHEN NOT MATCHED THEN INSERT: the tenant in the row. `source` is the level without the target.
bool merge_insert(Analysis& analysis, const Protection& protection, const Level& source, Ref when,
                  const MergeAction& text);

}  // namespace pgward::policy::sql
