// Statements about names of the session: what the session must resolve has to stand in the facts.
#include <algorithm>

#include "policy/sql/final_check.h"

namespace pgward::policy::sql {

bool FinalCheck::statement(Ref node, const StatementFacts& facts) {
  facts_ = &facts;
  bind_checks_ = &plan_.bind_checks;
  if (tree_.is(node, Kind::prepare)) {
    const auto made = std::find_if(facts.names.begin(), facts.names.end(), [&](const NameUse& use) {
      return use.verb == NameUse::Verb::prepare && use.name == tree_.text(node);
    });
    if (made == facts.names.end() || !made->meaning) return false;
    bind_checks_ = &made->meaning->bind_checks;
  }
  return walk(node, {});
}

// The row that WHERE CURRENT OF means carries no predicate here: the session must know the cursor.
bool FinalCheck::cursor_known(Ref current_of, Ref range_var) const {
  const Relation* relation = named(range_var);
  if (relation == nullptr) return false;
  const bool is_protected = !needed(*relation).empty();
  return std::any_of(facts_->names.begin(), facts_->names.end(), [&](const NameUse& use) {
    return use.verb == NameUse::Verb::current_of && use.name == tree_.text(current_of) &&
           (is_protected ? use.target == relation->name : true);
  });
}

}  // namespace pgward::policy::sql
