// LOCK TABLE: a lock holds back everybody who uses the table, other tenants too.
#pragma once

#include "policy/sql/protect.h"

namespace pgward::policy::sql {

bool walk_lock(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
