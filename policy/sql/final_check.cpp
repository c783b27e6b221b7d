#include "policy/sql/final_check.h"

#include <algorithm>

#include "policy/sql/channel.h"
#include "policy/sql/predicate.h"
#include "policy/sql/query.h"
#include "policy/sql/temporary.h"

namespace pgward::policy::sql {

using namespace child;

bool FinalCheck::all_children(Ref node, const Names& names) {
  for (std::size_t i = 0; i < tree_.count(node); ++i)
    if (!walk(tree_.child(node, i), names)) return false;
  return true;
}

bool FinalCheck::walk(Ref node, const Names& names) {
  if (node == kNone) return true;
  switch (tree_.kind(node)) {
    case Kind::column_ref:
      return !has_column_rules(role_) || masked(node);
    case Kind::case_:
    case Kind::type_cast:
    case Kind::func_call:
      return (has_column_rules(role_) && is_mask(node)) || all_children(node, names);
    case Kind::select:
      return select(node, names);
    case Kind::insert:
      return insert(node, names);
    case Kind::update:
      return update(node, names);
    case Kind::delete_:
      return delete_(node, names);
    case Kind::merge:
      return merge(node, names);
    case Kind::copy:
      return copy(node, names);
    case Kind::lock:
      return lock(node);
    case Kind::create_as:
    case Kind::create_table:
    case Kind::drop_table:
    case Kind::truncate:
      return temporary(node, names);
    case Kind::channel:
      return channel_is_own(tree_, node);
    case Kind::ddl:
      return ddl(node, names);
    case Kind::range_var:
      return false;  // relations are met in FROM and as targets only
    case Kind::locking:
      return true;  // FOR UPDATE OF names aliases
    case Kind::current_of:
      return false;
    default:
      return all_children(node, names);
  }
}

bool FinalCheck::with(Ref node, Names& names) {
  if (node == kNone) return true;
  const Ref ctes = tree_.child(node, w_ctes);
  const bool recursive = tree_.number(node) != 0;
  if (recursive)
    for (std::size_t i = 0; i < tree_.count(ctes); ++i) {
      names.emplace_back(tree_.text(tree_.child(ctes, i)));
      ctes_.push_back(tree_.child(ctes, i));
    }
  for (std::size_t i = 0; i < tree_.count(ctes); ++i) {
    const Ref cte = tree_.child(ctes, i);
    if (!walk(tree_.child(cte, c_query), names)) return false;
    if (recursive) continue;
    names.emplace_back(tree_.text(cte));
    ctes_.push_back(cte);
  }
  return true;
}

bool FinalCheck::select(Ref node, Names names) {
  const Inside level(*this);
  if (!with(tree_.child(node, s_with), names)) return false;
  if (!fenced(kNone, tree_.child(node, s_from), tree_.child(node, s_where), tree_.child(node, s_having)))
    return false;
  if (has_column_rules(role_)) {
    open_output_names(tree_.child(node, s_order), tree_.child(node, s_targets));
    open_output_names(tree_.child(node, s_distinct), tree_.child(node, s_targets));
  }
  Filters filters;
  conjuncts(tree_.child(node, s_where), filters);
  if (!from(tree_.child(node, s_from), filters, names)) return false;
  for (std::size_t i = 0; i < tree_.count(node); ++i)
    if (i != s_with && i != s_from && !walk(tree_.child(node, i), names)) return false;
  return true;
}

bool FinalCheck::update(Ref node, Names names) {
  const Inside level(*this);
  if (!with(tree_.child(node, u_with), names)) return false;
  if (!fenced(tree_.child(node, u_relation), tree_.child(node, u_from), tree_.child(node, u_where), kNone))
    return false;
  Filters filters;
  conjuncts(tree_.child(node, u_where), filters);
  const Ref range_var = tree_.child(node, u_relation);
  const Relation* relation = named(range_var);
  if (relation == nullptr || !writable(*relation)) return false;
  const bool positioned = tree_.is(tree_.child(node, u_where), Kind::current_of);
  if (positioned && !cursor_known(tree_.child(node, u_where), range_var)) return false;
  if ((!positioned && !target(range_var, filters)) || !from(tree_.child(node, u_from), filters, names)) return false;
  if (!assignments(tree_.child(node, u_targets), *relation, node)) return false;
  for (const Update part : {u_targets, u_returning})
    if (!walk(tree_.child(node, part), names)) return false;
  return positioned || walk(tree_.child(node, u_where), names);
}

bool FinalCheck::delete_(Ref node, Names names) {
  const Inside level(*this);
  if (!with(tree_.child(node, d_with), names)) return false;
  if (!fenced(tree_.child(node, d_relation), tree_.child(node, d_using), tree_.child(node, d_where), kNone))
    return false;
  Filters filters;
  conjuncts(tree_.child(node, d_where), filters);
  const Ref range_var = tree_.child(node, d_relation);
  const Relation* relation = named(range_var);
  if (relation == nullptr || !writable(*relation)) return false;
  const bool positioned = tree_.is(tree_.child(node, d_where), Kind::current_of);
  if (positioned && !cursor_known(tree_.child(node, d_where), range_var)) return false;
  if ((!positioned && !target(range_var, filters)) || !from(tree_.child(node, d_using), filters, names))
    return false;
  return (positioned || walk(tree_.child(node, d_where), names)) && walk(tree_.child(node, d_returning), names);
}

bool FinalCheck::insert(Ref node, Names names) {
  if (!with(tree_.child(node, i_with), names)) return false;
  const Ref range_var = tree_.child(node, i_relation);
  const Relation* relation = named(range_var);
  if (relation == nullptr || !writable(*relation)) return false;
  for (const Needed& each : needed(*relation))
    if (!rows(tree_.child(node, i_source), tree_.child(node, i_columns), *relation, each)) return false;
  if (!conflict(tree_.child(node, i_conflict), range_var, *relation)) return false;
  if (!walk(tree_.child(node, i_columns), names) || !walk(tree_.child(node, i_source), names)) return false;
  const Inside level(*this);
  scopes_.emplace_back();
  sources(range_var, scopes_.back());
  return walk(tree_.child(node, i_conflict), names) && walk(tree_.child(node, i_returning), names);
}

bool FinalCheck::holds_query(Ref root) const {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    if (tree_.is(node, Kind::select)) return true;
    todo.insert(todo.end(), tree_.children(node).begin(), tree_.children(node).end());
  }
  return false;
}

// A condition in ON drops rows of a side only when that side is not the one that an outer join keeps.
bool FinalCheck::from(Ref node, const Filters& filters, const Names& names) {
  if (node == kNone) return true;
  switch (tree_.kind(node)) {
    case Kind::list:
      for (const Ref item : tree_.children(node))
        if (!from(item, filters, names)) return false;
      return true;
    case Kind::range_var:
      return relation(node, filters, names);
    case Kind::range_sample:
      return from(tree_.child(node, sa_relation), filters, names) &&
             walk(tree_.child(node, sa_args), names) && walk(tree_.child(node, sa_repeatable), names);
    case Kind::range_subselect:
      if (has_column_rules(role_) && behind_star(node) != nullptr)
        open_.insert(tree_.child(tree_.child(tree_.child(tree_.child(node, rs_query), s_targets), 0), rt_value));
      return all_children(node, names);
    case Kind::join: {
      if (has_column_rules(role_) && !using_open(node)) return false;
      const std::int64_t type = tree_.number(node) & 15;
      Filters left = filters;
      Filters right = filters;
      if (type == kJoinInner || type == kJoinRight) conjuncts(tree_.child(node, j_on), left);
      if (type == kJoinInner || type == kJoinLeft) conjuncts(tree_.child(node, j_on), right);
      if (!from(tree_.child(node, j_left), left, names) || !from(tree_.child(node, j_right), right, names)) return false;
      // What can be named in it only matters to column rules and to queries inside.
      if (!has_column_rules(role_) && !holds_query(tree_.child(node, j_on))) return walk(tree_.child(node, j_on), names);
      const InsideJoin on(*this, node);
      return walk(tree_.child(node, j_on), names);
    }
    default:
      return all_children(node, names);  // sub-selects, functions
  }
}

bool FinalCheck::relation(Ref range_var, const Filters& filters, const Names& names) {
  if (tree_.child(range_var, rv_schema) == kNone)
    return std::find(names.begin(), names.end(), tree_.text(range_var)) != names.end();
  return target(range_var, filters);
}

bool FinalCheck::target(Ref range_var, const Filters& filters) {
  const Relation* relation = named(range_var);
  if (relation == nullptr || !readable(*relation)) return false;
  for (const Needed& each : needed(*relation))
    if (!filtered(range_var, *relation, each, filters)) return false;
  return true;
}

const Relation* FinalCheck::named(Ref range_var) const {
  const Ref schema = tree_.child(range_var, rv_schema);
  if (schema == kNone) return nullptr;
  const std::string name(tree_.text(range_var));
  if (tree_.text(schema) == kTemporarySchema) {
    Relation& made = temporary_[name];
    made.name = {kTemporarySchema, name};
    return &made;
  }
  return catalog_.find({std::string(tree_.text(schema)), name});
}

// A role without a tenant sees what it names, and writes no tenant's rows.
bool FinalCheck::readable(const Relation& relation) const {
  return role_.bound || belongs_to_server(relation.name.schema) || opened(role_, catalog_, relation);
}

bool FinalCheck::writable(const Relation& relation) const {
  return role_.bound || relation.name.schema == kTemporarySchema ||
         (readable(relation) && tenant_columns(relation).empty());
}

std::vector<FinalCheck::Needed> FinalCheck::needed(const Relation& relation) const {
  return role_.bound ? tenant_columns(relation) : std::vector<Needed>();
}

// Tenant columns of the relation's rule, or of all rules of its ancestors when it has none of its own.
std::vector<FinalCheck::Needed> FinalCheck::tenant_columns(const Relation& relation) const {
  std::vector<Needed> out;
  std::vector<const Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    const auto rule = policy_.tables.find(line[i]->name);
    if (rule != policy_.tables.end()) {
      for (const TenantColumn& tenant : rule->second.tenant)
        for (std::size_t k = 0; k < policy_.tenant.size(); ++k)
          if (policy_.tenant[k].name == tenant.attribute) out.push_back({tenant.column, k});
      if (i == 0) break;
      continue;
    }
    for (const Oid parent : line[i]->parents) {
      const auto name = catalog_.relation_by_oid.find(parent);
      if (name == catalog_.relation_by_oid.end()) continue;
      if (const Relation* found = catalog_.find(name->second)) line.push_back(found);
    }
  }
  return out;
}

void FinalCheck::conjuncts(Ref node, Filters& out) const {
  if (node == kNone) return;
  if (tree_.is(node, Kind::bool_expr) && tree_.number(node) == kBoolAnd) {
    const Ref args = tree_.child(node, 0);
    for (std::size_t i = 0; i < tree_.count(args); ++i) out.push_back(tree_.child(args, i));
    return;
  }
  out.push_back(node);
}

bool FinalCheck::filtered(Ref range_var, const Relation& relation, const Needed& needed,
                          const Filters& filters) const {
  const Ref alias = tree_.child(range_var, rv_alias);
  std::vector<std::string> fields;
  if (alias != kNone) {
    if (tree_.child(alias, a_columns) != kNone) return false;  // the column may go by another name
    fields = {std::string(tree_.text(alias))};
  } else {
    fields = {relation.name.schema, relation.name.name};
  }
  return std::any_of(filters.begin(), filters.end(),
                     [&](Ref filter) { return is_predicate(filter, fields, needed); });
}

bool FinalCheck::is_predicate(Ref node, const std::vector<std::string>& fields, const Needed& needed) const {
  if (!tree_.is(node, Kind::operator_) || tree_.number(node) != kOperatorPlain) return false;
  if (parts_of(tree_, tree_.child(node, o_name)) != std::vector<std::string>{"pg_catalog", "="}) return false;
  const Ref column = tree_.child(node, o_left);
  if (!tree_.is(column, Kind::column_ref)) return false;
  std::vector<std::string> wanted = fields;
  wanted.push_back(needed.column);
  bool star = false;
  return parts_of(tree_, tree_.child(column, 0), &star) == wanted && !star &&
         is_own_literal(tree_.child(node, o_right), needed.attribute);
}

bool FinalCheck::is_own_literal(Ref node, std::size_t attribute) const {
  if (!tree_.is(node, Kind::type_cast)) return false;
  const std::vector<std::string> type = parts_of(tree_, tree_.child(tree_.child(node, tc_type), tn_names));
  const Ref constant = tree_.child(node, tc_arg);
  if (type.size() != 2 || type[0] != "pg_catalog" || !tree_.is(constant, Kind::constant)) return false;
  const Ref text = tree_.child(constant, 0);
  return tree_.is(text, Kind::string) && tree_.text(text) == sample_value(policy_, attribute);
}

}  // namespace pgward::policy::sql
