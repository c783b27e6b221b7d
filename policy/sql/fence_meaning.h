// What names mean to the judge of leaks while a statement is walked.
#pragma once

#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool is_system_column(std::string_view name);

class LevelMeaning : public Meaning {
 public:
  LevelMeaning(const Tree& tree, const QueryWalk::Seen& seen, const Level& level)
      : tree_(tree), seen_(seen), level_(level) {}
  ColumnFact column(Ref column_ref) const override;
  std::vector<ColumnFact> outputs(Ref sublink) const override;
  bool correlated(Ref sublink) const override;
  bool correlated_in_where_only(Ref sublink) const override;

 private:
  bool correlated_outside(Ref query, Ref left_out) const;
  bool outwards(const Level* level) const;

  const Tree& tree_;
  const QueryWalk::Seen& seen_;
  const Level& level_;
};

// What a column of an item can tell; `name` may be a system column.
ColumnFact fact_of(const FromItem& item, std::string_view name);

}  // namespace pgward::policy::sql
