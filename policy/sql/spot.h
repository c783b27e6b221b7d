// Where the predicate of one item of FROM can stand.
#pragma once

#include "policy/sql/scope.h"

namespace pgward::policy::sql {

struct Spot {
  enum Kind { where, on, subselect, impossible } kind = where;
  Ref join = kNone;
};

// `of_merge_source`: items of MERGE's source, whose rows ON keeps. `target`: of UPDATE, DELETE, MERGE.
Spot spot_for(const Tree& tree, const FromItem& item, bool of_merge_source, bool target);

}  // namespace pgward::policy::sql
