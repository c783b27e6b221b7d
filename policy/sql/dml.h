// INSERT, UPDATE and DELETE: their target, their sources, and the tenant values that they write.
#pragma once

#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool walk_dml(QueryWalk& walk, Ref node, const WithScope* with, Columns& out);

}  // namespace pgward::policy::sql
