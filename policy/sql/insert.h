// INSERT: its source must carry the caller's tenant in every row, and ON CONFLICT DO UPDATE may not
// touch anybody else's.
#pragma once

#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool walk_insert_source(QueryWalk& walk, Ref insert, const Protection& protection, const WithScope& scope);
bool walk_on_conflict(QueryWalk& walk, Ref insert, const FromItem& target, const WithScope& scope);

}  // namespace pgward::policy::sql
