// Proves a rewriting before anybody may use it, in two ways that share as little as possible with the
// code that made it:
//   1. the rewritten text, with sample values in, parses to exactly the tree that was wanted;
//   2. that tree alone, walked anew, has its predicate at every reference to a protected relation, a
//      checked value in every tenant column that is written, and no bare name that the server would
//      have to look up.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

bool prove(const Analysis& analysis, unsigned depth_max);

}  // namespace pgward::policy::sql
