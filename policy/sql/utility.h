// Statements that are no queries: transactions, settings, DISCARD, DEALLOCATE.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

bool walk_utility(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
