// Statements about names of the session: what the session must resolve has to stand in the facts.
#include <algorithm>

#include "policy/sql/ddl.h"
#include "policy/sql/final_check.h"
#include "policy/sql/temporary.h"

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
  return (facts.added_keys.empty() || added_keys(node)) && walk(node, {});
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

// Made, dropped and emptied are tables of pg_temp only; what a new one is filled with is a query like any.
bool FinalCheck::temporary(Ref node, const Names& names) {
  using namespace child;
  switch (tree_.kind(node)) {
    case Kind::create_as:
      return is_temporary(tree_, tree_.child(tree_.child(node, cr_into), to_relation)) &&
             walk(tree_.child(node, cr_query), names);
    case Kind::create_table:
      return is_temporary(tree_, tree_.child(node, ct_relation)) && walk(tree_.child(node, ct_elements), names);
    case Kind::drop_table: {
      const auto all = tree_.children(tree_.child(node, dr_names));
      const bool lasting = may_change_schema(role_) && ((tree_.number(node) >> 8) & 255) == 0;
      return std::all_of(all.begin(), all.end(), [&](Ref name) {
        if (lasting) return tree_.count(name) == 1 || !belongs_to_server(tree_.text(tree_.child(name, 0))) ||
                            tree_.text(tree_.child(name, 0)) == kTemporarySchema;
        return tree_.count(name) == 2 && tree_.text(tree_.child(name, 0)) == kTemporarySchema;
      });
    }
    case Kind::truncate: {
      const auto all = tree_.children(tree_.child(node, tr_relations));
      return std::all_of(all.begin(), all.end(), [&](Ref range_var) {
        const Relation* relation = named(range_var);
        return relation != nullptr && relation->name.schema == kTemporarySchema;
      });
    }
    default:
      return false;
  }
}

}  // namespace pgward::policy::sql
