// Expressions: an allow-list of node kinds; every function, operator, column and sub-query in them.
#include "policy/sql/fence_meaning.h"
#include "policy/sql/functions.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

bool QueryWalk::children(Ref node, const Level& level, const WithScope* with) {
  for (std::size_t i = 0; i < a_.tree.count(node); ++i)
    if (!expression(a_.tree.child(node, i), level, with)) return false;
  return true;
}

bool QueryWalk::expression(Ref node, const Level& level, const WithScope* with) {
  const Tree& tree = a_.tree;
  if (node == kNone || settled_.contains(node)) return true;
  switch (tree.kind(node)) {
    case Kind::column_ref:
      return column(node, level);
    case Kind::func_call: {
      if (!function(node)) return false;
      note_aggregate(node, level);
      for (const FuncCall part : {f_args, f_order, f_filter, f_over})
        if (!expression(tree.child(node, part), level, with)) return false;
      return true;
    }
    case Kind::operator_: {
      if (!operators_of(node)) return false;
      a_.keys.comparison(a_, node, level);
      return expression(tree.child(node, o_left), level, with) &&
             expression(tree.child(node, o_right), level, with);
    }
    case Kind::sublink: {
      // IN (SELECT ..) leaves its operator out: it is =.
      const Ref name = tree.child(node, sl_operator);
      if (!operator_name(name != kNone ? name : a_.tree.strings({"="}))) return false;
      const std::size_t leaks_before = seen.leaks_outward;
      Columns out;
      if (!expression(tree.child(node, sl_test), level, with) ||
          !query(tree.child(node, sl_query), &level, with, out))
        return false;
      if (seen.leaks_outward != leaks_before) seen.leaky_sublinks.insert(node);
      if (a_.fenced()) seen.outputs[node] = std::move(out.facts);
      return true;
    }
    case Kind::case_: {
      if (tree.child(node, ca_arg) != kNone && !operator_name(a_.tree.strings({"="}))) return false;
      return children(node, level, with);
    }
    case Kind::sort_by: {
      if (tree.child(node, 1) != kNone && !operator_name(tree.child(node, 1))) return false;
      return expression(tree.child(node, 0), level, with);
    }
    case Kind::indirection: {
      const Ref path = tree.child(node, in_path);
      for (std::size_t i = 0; i < tree.count(path); ++i) {
        const Ref step = tree.child(path, i);
        if (tree.is(step, Kind::string) && !attribute_notation(tree.text(step))) return false;
        if (tree.is(step, Kind::indices) && !children(step, level, with)) return false;
      }
      return expression(tree.child(node, in_arg), level, with);
    }
    case Kind::type_cast:
      return expression(tree.child(node, tc_arg), level, with);
    case Kind::collate:
      return expression(tree.child(node, 0), level, with);
    case Kind::res_target: {
      const Ref path = tree.child(node, rt_indirection);
      for (std::size_t i = 0; i < tree.count(path); ++i)
        if (tree.is(tree.child(path, i), Kind::indices) && !children(tree.child(path, i), level, with))
          return false;
      return expression(tree.child(node, rt_value), level, with);
    }
    // Names and constants: nothing to look at.
    case Kind::constant:
      tree.visit(tree.child(node, 0));
      return true;
    case Kind::string:
    case Kind::integer:
    case Kind::float_:
    case Kind::boolean:
    case Kind::bit_string:
    case Kind::star:
    case Kind::param:
    case Kind::type_name:
    case Kind::sql_value:
    case Kind::set_to_default:
    case Kind::column_def:
      return true;
    // Their children are expressions or names, and nothing else of them matters.
    case Kind::list:
    case Kind::bool_expr:
    case Kind::null_test:
    case Kind::boolean_test:
    case Kind::case_when:
    case Kind::coalesce:
    case Kind::min_max:
    case Kind::row:
    case Kind::array:
    case Kind::indices:
    case Kind::xml_expr:
    case Kind::xml_serialize:
    case Kind::grouping_func:
    case Kind::grouping_set:
    case Kind::multi_assign:
    case Kind::named_arg:
    case Kind::window:
    case Kind::range_table_func_col:
    case Kind::infer:
    case Kind::index_elem:
      return children(node, level, with);
    default:
      return a_.refuse(Refusal::not_supported);  // WHERE CURRENT OF, and whatever has no place here
  }
}

bool QueryWalk::column(Ref node, const Level& level) {
  const Tree& tree = a_.tree;
  bool star = false;
  const std::vector<std::string> fields = parts_of(tree, tree.child(node, 0), &star);
  const std::vector<Resolved> found = resolve_column(&level, fields, star);
  if (a_.masks() && !star && found.size() == 1 && found.front().certain && !found.front().item->renamed) {
    const FromItem& item = *found.front().item;
    if (!item.new_row) {
      if (const ColumnRule* rule = rule_for(item, fields.back())) {
        if (a_.fenced() && !holds(level, &item)) seen.correlated[node] = level_of(level.outer, &item);
        return mask(node, item, *rule);
      }
    } else {
      return true;  // what the statement is writing is its own to read
    }
  }
  bool certain = star;
  for (const Resolved& resolved : found) {
    certain = certain || resolved.certain;
    if (a_.fenced() && !holds(level, resolved.item)) seen.correlated[node] = level_of(level.outer, resolved.item);
    if (resolved.item->protection == nullptr) {
      if (resolved.item->join_alias)
        for (const FromItem& other : level.items)
          if (other.protection != nullptr) a_.touch(*other.protection, 'R', "*");
      continue;
    }
    if (resolved.whole_row)
      a_.touch(*resolved.item->protection, 'R', "*");
    else if (resolved.item->renamed)
      a_.touch(*resolved.item->protection, 'R', "*");
    else if (resolved.certain)
      a_.touch(*resolved.item->protection, 'R', fields.back());
    else if (fields.size() > 1 && !is_system_column(fields.back()))
      a_.touch(*resolved.item->protection, 'R', "*");  // p.full_name is full_name(p)
  }
  // p.full_name calls full_name(p) when p has no such column.
  return fields.size() < 2 || certain || attribute_notation(fields.back());
}

bool QueryWalk::attribute_notation(std::string_view field) {
  const FunctionVerdict verdict = judge_function(a_.policy, a_.catalog, {std::string(field)});
  a_.runs_own_code = a_.runs_own_code || verdict.listed;
  return !verdict.known || verdict.allowed ||
         a_.refuse(Refusal::function_not_allowed, verdict.refused.text());
}

bool QueryWalk::function(Ref node) {
  const Tree& tree = a_.tree;
  const std::vector<std::string> parts = parts_of(tree, tree.child(node, f_name));
  const FunctionVerdict verdict = judge_function(a_.policy, a_.catalog, parts);
  a_.runs_own_code = a_.runs_own_code || verdict.listed;
  if (verdict.allowed) return true;
  if (verdict.known) return a_.refuse(Refusal::function_not_allowed, verdict.refused.text());
  // uuid('..') is a cast in the clothes of a function.
  const bool type = parts.size() == 1 && a_.catalog.types.contains(parts.front());
  if (type && tree.count(tree.child(node, f_args)) == 1) return true;
  return a_.refuse(Refusal::function_not_allowed);
}

bool QueryWalk::operators_of(Ref node) {
  // a BETWEEN b AND c is a >= b AND a <= c, with whatever the search_path says these are.
  const Ref name = a_.tree.child(node, o_name);
  if (a_.tree.count(name) != 1 ||
      a_.tree.text(a_.tree.child(name, 0)).find("BETWEEN") == std::string_view::npos)
    return operator_name(name);
  for (const std::string_view symbol : {"<", "<=", ">", ">="})
    if (!operator_name(a_.tree.strings({symbol}))) return false;
  return true;
}

bool QueryWalk::operator_name(Ref names) {
  RelationName refused;
  std::vector<std::string> parts = parts_of(a_.tree, names);
  if (!parts.empty() && parts.back() == "!=") parts.back() = "<>";  // as the scanner spells it
  if (operator_allowed(a_.policy, a_.catalog, parts, refused, a_.runs_own_code)) return true;
  return a_.refuse(Refusal::operator_not_allowed, refused.name.empty() ? std::string() : refused.text());
}

}  // namespace pgward::policy::sql
