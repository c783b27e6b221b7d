#include "policy/sql/spot.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool joins_on(const Tree& tree, Ref join) {
  return tree.child(join, j_on) != kNone;
}

}  // namespace

// Upwards from the item: through inner joins and the preserved side of outer ones the predicate can
// travel on; at the nullable side it must stay in that join's ON.
Spot spot_for(const Tree& tree, const FromItem& item, bool of_merge_source, bool target) {
  if (target) return {item.barrier ? Spot::impossible : Spot::where, kNone};
  const Spot subselect{item.sampled ? Spot::impossible : Spot::subselect, kNone};
  if (item.renamed || item.barrier) return subselect;
  for (auto step = item.path.rbegin(); step != item.path.rend(); ++step) {
    const std::int64_t type = tree.number(step->join) & 15;
    const bool nullable = (type == kJoinLeft && step->right) || (type == kJoinRight && !step->right);
    if (type == kJoinFull) return subselect;
    if (nullable) return joins_on(tree, step->join) ? Spot{Spot::on, step->join} : subselect;
    // The alias of a join hides the names inside it from everything further out.
    if (tree.child(step->join, j_alias) != kNone) {
      if (type == kJoinInner && joins_on(tree, step->join)) return {Spot::on, step->join};
      return subselect;
    }
  }
  return of_merge_source ? subselect : Spot{Spot::where, kNone};
}

}  // namespace pgward::policy::sql
