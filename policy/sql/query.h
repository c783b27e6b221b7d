// Walks queries: SELECT in every form, FROM, WITH, and expressions. Finds every relation, checks every
// function and operator, notes what is read, and puts the predicates in.
#pragma once

#include <functional>
#include <set>

#include "policy/sql/protect.h"
#include "policy/sql/scope.h"

namespace pgward::policy::sql {

class QueryWalk {
 public:
  explicit QueryWalk(Analysis& analysis) : a_(analysis) {}

  // A SELECT, VALUES, or data-modifying statement wherever a query may stand.
  bool query(Ref node, const Level* outer, const WithScope* with, Columns& out);
  bool select(Ref node, const Level* outer, const WithScope* with, Columns& out);

  // Expressions and lists of them; kNone is fine.
  bool expression(Ref node, const Level& level, const WithScope* with);
  // WITH, if there is one: fills `scope`, which must outlive the walk of what it is attached to.
  bool with_clause(Ref node, const Level* outer, WithScope& scope);
  // The items of a FROM list (FROM, USING) into `level`.
  bool from_list(Ref list, Level& level, const WithScope* with);
  // Predicates for all protected items of the level. `where_owner`'s child `where_index` is its WHERE;
  // `text` the level's clauses.
  bool protect_level(Level& level, Ref where_owner, std::size_t where_index, Ref from_list,
                     bool target_level);
  // The same for MERGE: the target's in ON, the source's inside it, since ON keeps all of its rows.
  bool protect_merge(Level& level, Ref merge, const LevelText& text);
  // Target of a DML statement: resolved, covered, not a CTE.
  bool target(Ref range_var, char action, FromItem& item);
  bool returning(Ref owner, std::size_t index, const Level& level, const WithScope* with, Columns& out);
  // The list after SELECT or RETURNING.
  bool output_list(Ref owner, std::size_t index, const Level& level, const WithScope* with);

  Analysis& analysis() { return a_; }

  // Adds the keys that the policy wants to the list after SELECT or RETURNING. Before the predicates are put in.
  bool name_records(Ref owner, std::size_t index, const Level& level, const Columns& out);

  // Called for the SELECT leaves in `watched`, while their level is alive and before its predicates are
  // put in: how INSERT .. SELECT looks at the values that it will write.
  std::set<Ref> watched;
  std::function<bool(Ref, const Level&)> on_watched;

  // What fences need to know of what was walked before; kept in mode: predicate only.
  struct Seen {
    std::map<Ref, const Level*> correlated;  // column references to an outer level, and which
    std::map<Ref, std::vector<ColumnFact>> outputs;  // of a sub-link's query
    std::set<Ref> leaky_sublinks;            // a condition in them could not be fenced where it stands
    std::size_t protected_items = 0;         // met so far
    std::size_t leaks_outward = 0;
  };
  Seen seen;

 private:
  bool leaf(Ref node, const Level* outer, const WithScope* with, Columns& out);
  bool from_item(Ref node, Level& level, const WithScope* with, std::vector<JoinStep>& path, bool sampled);
  bool range_var(Ref node, Level& level, const WithScope* with, const std::vector<JoinStep>& path,
                 bool sampled);
  bool range_join(Ref node, Level& level, const WithScope* with, std::vector<JoinStep>& path);
  bool other_item(Ref node, Ref alias, bool lateral, Level& level, const WithScope* with,
                  const std::vector<JoinStep>& path);
  bool children(Ref node, const Level& level, const WithScope* with);
  bool column(Ref node, const Level& level);
  bool function(Ref node);
  bool operators_of(Ref node);
  bool operator_name(Ref names);
  bool attribute_notation(std::string_view field);
  void note_aggregate(Ref call, const Level& level) const;
  bool computes_alone(Ref functions) const;
  Columns output_of(Ref targets, const Level& level);
  ColumnFact output_fact(Ref value, const Level& level);
  void note_using(Ref join, const Level& level, std::size_t first);
  const ColumnRule* rule_for(const FromItem& item, const std::string& column) const;
  bool mask(Ref node, const FromItem& item, const ColumnRule& rule);
  void leave_inside(Ref mask, Ref original);
  void leave_output_names(Ref list, Ref targets);
  bool expand_stars(Ref owner, std::size_t index, const Level& level);
  bool expand_star(Ref target, std::size_t fields, const std::vector<Resolved>& items, const Level& level,
                   std::vector<Ref>& out);
  void fence_using(Ref join, const Level& level, std::size_t first);

  Analysis& a_;
  std::set<Ref> unmasked_ = {};  // columns inside of masks, and names of the output
  std::set<Ref> settled_ = {};   // masks of columns that a star was written out to
  std::size_t masks_ = 0;
};

// Parts of a list of strings, a star left out; `star` tells whether there was one.
std::vector<std::string> parts_of(const Tree& tree, Ref list, bool* star = nullptr);

}  // namespace pgward::policy::sql
