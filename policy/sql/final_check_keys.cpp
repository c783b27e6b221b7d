// Columns that were added to name records: in front, all of them, and each is what the policy asked for. Then they may
// be columns that the role must not see: nobody sees them.
#include <algorithm>

#include "policy/sql/final_check.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

bool FinalCheck::rule_names_key(const Relation& relation, const std::string& column) const {
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    if (const auto found = policy_.tables.find(line[i]->name); found != policy_.tables.end()) {
      const TableRule& rule = found->second;
      const bool named = std::find(rule.record.begin(), rule.record.end(), column) != rule.record.end() ||
                         std::find(rule.subject.begin(), rule.subject.end(), column) != rule.subject.end();
      return named && rule.keys != KeyColumns::as_written;
    }
    for (const Oid parent : line[i]->parents)
      if (const Relation* above = catalog_.find(parent)) line.push_back(above);
  }
  return false;
}

bool FinalCheck::is_added_key(Ref target, const AddedKey& key, const Scope& scope) const {
  const Ref value = tree_.child(target, rt_value);
  if (tree_.text(target) != kAddedKeyName || tree_.child(target, rt_indirection) != kNone || !tree_.is(value, Kind::column_ref))
    return false;
  bool star = false;
  const std::vector<std::string> fields = parts_of(tree_, tree_.child(value, 0), &star);
  if (star || fields.size() != 2 || fields[1] != key.column) return false;
  const Relation* relation = nullptr;
  std::size_t found = 0;
  for (const Source& source : scope) {
    if (source.fields.back() != fields[0]) continue;
    ++found;
    relation = source.relation;
    if (relation == nullptr && tree_.is(source.node, Kind::range_subselect)) relation = behind_star(source.node);
  }
  if (found != 1 || relation == nullptr || relation->name != key.relation) return false;
  const Column* column = relation->column(key.column);
  return column != nullptr && key_type(column->type) != KeyType::unsupported && rule_names_key(*relation, key.column);
}

// An aggregate of its own; those of sub-queries the walk has looked at.
bool FinalCheck::groups(Ref root) const {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone || tree_.is(node, Kind::sublink)) continue;
    todo.insert(todo.end(), tree_.children(node).begin(), tree_.children(node).end());
    if (!tree_.is(node, Kind::func_call) || tree_.child(node, f_over) != kNone) continue;
    const auto [from, to] = catalog_.functions.equal_range(parts_of(tree_, tree_.child(node, f_name)).back());
    if (std::any_of(from, to, [](const auto& each) { return each.second.kind == 'a'; })) return true;
  }
  return false;
}

bool FinalCheck::added_keys(Ref node) {
  Scope scope;
  Ref targets = kNone;
  switch (tree_.kind(node)) {
    case Kind::select:
      for (const Select part : {s_distinct, s_group, s_having, s_values, s_left, s_right})
        if (tree_.child(node, part) != kNone) return false;
      for (const Ref item : tree_.children(tree_.child(node, s_order))) {
        const Ref value = tree_.child(item, 0);
        if (tree_.is(value, Kind::column_ref) && parts_of(tree_, tree_.child(value, 0)) == std::vector<std::string>{std::string(kAddedKeyName)})
          return false;
      }
      targets = tree_.child(node, s_targets);
      if (facts_->rows_swallowed || groups(targets) || groups(tree_.child(node, s_order))) return false;
      sources(tree_.child(node, s_from), scope);
      break;
    case Kind::insert:
      targets = tree_.child(node, i_returning);
      sources(tree_.child(node, i_relation), scope);
      break;
    case Kind::update:
      targets = tree_.child(node, u_returning);
      sources(tree_.child(node, u_relation), scope);
      sources(tree_.child(node, u_from), scope);
      break;
    case Kind::delete_:
      targets = tree_.child(node, d_returning);
      sources(tree_.child(node, d_relation), scope);
      sources(tree_.child(node, d_using), scope);
      break;
    default:
      return false;
  }
  const std::vector<AddedKey>& keys = facts_->added_keys;
  if (facts_->rows_swallowed ? tree_.count(targets) != keys.size() : tree_.count(targets) <= keys.size()) return false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Ref target = tree_.child(targets, i);
    if (!is_added_key(target, keys[i], scope)) return false;
    open_.insert(tree_.child(target, rt_value));
  }
  return true;
}

}  // namespace pgward::policy::sql
