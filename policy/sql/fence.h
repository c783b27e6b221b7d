// Fences around conditions that could tell of other tenants' rows (leak.h), where no row-level security
// puts the predicate first.
//
//   a conjunct of WHERE or ON   CASE WHEN <predicates of the relations that it names> THEN (..) ELSE false END
//   the same of HAVING          with count(*) >= 0 in it: without an aggregate the planner moves it to WHERE
//   a condition on the output   OFFSET 0 in the sub-select, MATERIALIZED at the WITH query: the planner
//   of a sub-select             keeps the conditions of outer levels out of those
//
// False and NULL are the same among conjuncts, so nothing else changes. A fenced condition uses no
// index, as under row-level security; conditions beside it still do.
#pragma once

#include <functional>

#include "policy/sql/query.h"
#include "policy/sql/spot.h"

namespace pgward::policy::sql {

// What reading each stored column of a relation can tell.
std::vector<ColumnFact> stored_columns(const Analysis& analysis, const Relation& relation);

// OFFSET 0, as the parser writes it into the tree.
void add_offset(Tree& tree, Ref select);

class Fences {
 public:
  using SpotOf = std::function<Spot::Kind(const FromItem&)>;
  // `text` is null when no relation is named at this level. Call run() before predicates are placed:
  // items whose `barrier` is set after it go into a sub-select with OFFSET 0.
  Fences(QueryWalk& walk, Level& level, const LevelText* text, SpotOf spot_of);
  bool run(Ref owner, std::size_t where_index, const std::vector<Ref>& joins);

 private:
  struct Slot {
    Ref owner;
    std::size_t index;
  };
  struct Fenced {
    std::size_t conjunct;
    std::vector<const FromItem*> guards;
  };
  struct Clause {
    Slot whole;
    Ref join = kNone;  // of an ON
    bool having = false;
    std::vector<Slot> conjuncts = {};
    std::vector<Fenced> fenced = {};
  };

  std::vector<Clause> clauses(Ref owner, std::size_t where_index, const std::vector<Ref>& joins) const;
  bool judge(Clause& clause);
  InsideOn inside(const Clause& clause);
  void keep_out(const FromItem& item, bool by_barrier, Fenced& fenced);
  void names_in(Ref node, std::vector<const FromItem*>& out) const;
  bool hidden(const FromItem& item) const;
  bool write(const Clause& clause, const std::vector<Ref>& joins);
  Range text_of(const Clause& clause, const std::vector<Ref>& joins) const;
  bool wrap(const Slot& slot, Range text, const std::vector<const FromItem*>& guards, bool having);
  bool guard(const FromItem& item, Pieces& text, std::vector<Ref>& nodes);
  bool barriers();
  bool close_subselect(Ref item);
  bool materialize(Ref cte);

  QueryWalk& walk_;
  Analysis& a_;
  Level& level_;
  const LevelText* text_;
  SpotOf spot_of_;
};

}  // namespace pgward::policy::sql
