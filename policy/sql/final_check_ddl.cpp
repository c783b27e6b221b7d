// Changes of the schema, once more by names alone: nothing of the server's, no column on which a rule rests, and no
// PHI in an expression.
#include <algorithm>

#include "policy/sql/ddl.h"
#include "policy/sql/final_check.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

bool FinalCheck::ddl(Ref node, const Names& names) {
  if (!may_change_schema(role_)) return false;
  const Ref range_var = tree_.child(node, dd_relation);
  const Ref schema = range_var == kNone ? kNone : tree_.child(range_var, rv_schema);
  if (schema != kNone && belongs_to_server(tree_.text(schema))) return false;
  const Relation* relation = range_var == kNone ? nullptr : named(range_var);
  const auto around = relation == nullptr ? std::vector<const TableRule*>() : rules_around(policy_, catalog_, *relation);
  const auto verb = static_cast<DdlVerb>(tree_.number(node));
  if ((verb == DdlVerb::create || verb == DdlVerb::rename) && !around.empty()) return false;
  for (const Ref name : tree_.children(tree_.child(node, dd_names)))
    for (const TableRule* rule : around)
      if (verb == DdlVerb::alter && names_column(*rule, std::string(tree_.text(name)))) return false;
  std::vector<Ref> todo{tree_.child(node, dd_expressions)};
  while (!todo.empty()) {
    const Ref each = todo.back();
    todo.pop_back();
    if (each == kNone) continue;
    todo.insert(todo.end(), tree_.children(each).begin(), tree_.children(each).end());
    // A sub-select would read; the server does not take one here either.
    if (tree_.is(each, Kind::select) || tree_.is(each, Kind::sublink)) return false;
    if (!tree_.is(each, Kind::column_ref)) continue;
    bool star = false;
    const std::vector<std::string> fields = parts_of(tree_, tree_.child(each, 0), &star);
    if (star || fields.empty()) return false;
    const auto opened = relation == nullptr ? role_.opens.end() : role_.opens.find(relation->name);
    const bool open = opened != role_.opens.end() && opened->second.columns.contains(fields.back());
    for (const TableRule* rule : around)
      if (rule->phi_kind(fields.back()) != nullptr && !open) return false;
  }
  return all_children(tree_.child(node, dd_expressions), names);
}

}  // namespace pgward::policy::sql
