// Ruled columns stand in the final tree inside of their masks only. By names alone: a bare name counts for
// every relation of the innermost level that has it.
#include <algorithm>

#include "policy/sql/final_check.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

// (SELECT * FROM t WHERE ..) AS x, as the rewriter writes it: x is t, with the columns of t.
const Relation* FinalCheck::behind_star(Ref subselect) const {
  const Ref query = tree_.child(subselect, rs_query);
  if (!tree_.is(query, Kind::select)) return nullptr;
  for (std::size_t i = 0; i < tree_.count(query); ++i)
    if (i != s_targets && i != s_from && i != s_where && i != s_offset && tree_.child(query, i) != kNone)
      return nullptr;
  const Ref targets = tree_.child(query, s_targets);
  const Ref from = tree_.child(query, s_from);
  const Ref value = tree_.child(tree_.child(targets, 0), rt_value);
  bool star = false;
  const bool bare = tree_.is(value, Kind::column_ref) && parts_of(tree_, tree_.child(value, 0), &star).empty();
  const Ref item = tree_.child(from, 0);
  if (tree_.count(targets) != 1 || tree_.count(from) != 1 || !bare || !star || !tree_.is(item, Kind::range_var))
    return nullptr;
  return named(item);
}

const ColumnRules& FinalCheck::rules(const Relation& relation) const {
  const auto known = rules_.find(&relation);
  if (known != rules_.end()) return known->second;
  return rules_.emplace(&relation, column_rules(policy_, role_, catalog_, relation).value_or(ColumnRules())).first->second;
}

// Which relation's rule a reference may fall under; `whole` for stars and whole rows.
const Relation* FinalCheck::ruled(Ref column_ref, std::string& column) const {
  bool star = false;
  std::vector<std::string> fields = parts_of(tree_, tree_.child(column_ref, 0), &star);
  if (star) fields.emplace_back("*");
  if (fields.empty()) return nullptr;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    bool certain = false;
    for (const Source& source : *scope) {
      const Relation* relation = source.relation;
      if (relation == nullptr && tree_.is(source.node, Kind::range_subselect)) relation = behind_star(source.node);
      if (relation == nullptr) continue;
      const bool qualified = fields.size() > 1;
      const bool row = !qualified && source.fields.back() == fields.back();
      if (qualified && source.fields.back() != fields[fields.size() - 2]) continue;
      const bool has = relation->column(fields.back()) != nullptr;
      certain = certain || has || qualified;
      const ColumnRules& ruled = rules(*relation);
      column = fields.back();
      const bool all = star || row || (qualified && !has);
      const bool system = qualified && !has && !star && relation->column(fields.back()) == nullptr &&
                          (column == "ctid" || column == "tableoid" || column == "xmin" || column == "xmax");
      if (!ruled.empty() && all && !system) {
        column = "*";
        return relation;
      }
      if (has && ruled.contains(column)) return relation;
    }
    if (certain || star) return nullptr;
  }
  return nullptr;
}

bool FinalCheck::is_mask(Ref node) const {
  Ref inside = kNone;
  std::vector<Ref> todo{node};
  while (!todo.empty() && inside == kNone) {
    const Ref each = todo.back();
    todo.pop_back();
    if (each == kNone) continue;
    if (tree_.is(each, Kind::column_ref)) inside = each;
    todo.insert(todo.end(), tree_.children(each).begin(), tree_.children(each).end());
  }
  if (inside == kNone) return false;
  std::string name;
  const Relation* relation = ruled(inside, name);
  if (relation == nullptr || name == "*") return false;
  const ColumnRule& rule = *rules(*relation).at(name);
  if (rule.mask == Mask::none) return false;
  Tree wanted;
  const Ref mask = mask_node(wanted, rule, *relation->column(name), parts_of(tree_, tree_.child(inside, 0)));
  return same(wanted, mask, tree_, node);
}

bool FinalCheck::masked(Ref node) {
  std::string name;
  return open_.contains(node) || ruled(node, name) == nullptr;
}

// Names of the output in ORDER BY and DISTINCT ON.
void FinalCheck::open_output_names(Ref list, Ref targets) {
  for (Ref item : tree_.children(list)) {
    if (tree_.is(item, Kind::sort_by)) item = tree_.child(item, 0);
    if (!tree_.is(item, Kind::column_ref) || tree_.count(tree_.child(item, 0)) != 1) continue;
    const std::vector<std::string> name = parts_of(tree_, tree_.child(item, 0));
    for (const Ref target : tree_.children(targets))
      if (!name.empty() && tree_.text(target) == name.back()) open_.insert(item);
  }
}

bool FinalCheck::using_open(Ref join) const {
  Scope under;
  sources(tree_.child(join, j_left), under);
  sources(tree_.child(join, j_right), under);
  const std::vector<std::string> names = parts_of(tree_, tree_.child(join, j_using));
  const bool natural = (tree_.number(join) & kJoinNatural) != 0;
  for (const Source& source : under) {
    const Relation* relation = source.relation;
    if (relation == nullptr && tree_.is(source.node, Kind::range_subselect)) relation = behind_star(source.node);
    if (relation == nullptr) continue;
    const ColumnRules& ruled = rules(*relation);
    if (natural && !ruled.empty()) return false;
    for (const std::string& name : names)
      if (ruled.contains(name)) return false;
  }
  return true;
}

}  // namespace pgward::policy::sql
