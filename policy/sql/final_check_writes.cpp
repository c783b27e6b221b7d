// What is written into tenant columns.
#include <algorithm>

#include "policy/sql/final_check.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

// Where the column stands among the values; nowhere when it is left out. False: twice.
bool FinalCheck::position_of(Ref columns, const Relation& relation, const Needed& needed,
                             std::size_t& position) const {
  position = kNowhere;
  const std::size_t count = columns != kNone ? tree_.count(columns) : relation.columns.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool named = columns != kNone ? tree_.text(tree_.child(columns, i)) == needed.column
                                        : relation.columns[i].name == needed.column;
    if (named && position != kNowhere) return false;
    if (named) position = i;
  }
  return true;
}

bool FinalCheck::rows(Ref source, Ref columns, const Relation& relation, const Needed& needed) const {
  std::size_t position = kNowhere;
  if (!position_of(columns, relation, needed, position)) return false;
  if (source == kNone || position == kNowhere) return default_is_own(relation, needed);
  if (tree_.child(source, s_left) != kNone)
    return rows(tree_.child(source, s_left), columns, relation, needed) &&
           rows(tree_.child(source, s_right), columns, relation, needed);
  const Ref lists = tree_.child(source, s_values);
  if (lists != kNone) {
    for (std::size_t i = 0; i < tree_.count(lists); ++i) {
      const Ref row = tree_.child(lists, i);
      const bool good = position < tree_.count(row)
                            ? value(tree_.child(row, position), relation, needed, kNone)
                            : default_is_own(relation, needed);
      if (!good) return false;
    }
    return true;
  }
  const Ref targets = tree_.child(source, s_targets);
  for (std::size_t i = 0; i < tree_.count(targets); ++i) {
    const Ref item = tree_.child(tree_.child(targets, i), rt_value);
    bool star = tree_.is(item, Kind::indirection);
    if (tree_.is(item, Kind::column_ref)) parts_of(tree_, tree_.child(item, 0), &star);
    if (!star) continue;
    // Only the plain star of one relation whose column at that very place is the tenant's.
    const Ref from = tree_.child(source, s_from);
    const Relation* read = tree_.count(from) == 1 && tree_.is(tree_.child(from, 0), Kind::range_var)
                               ? named(tree_.child(from, 0))
                               : nullptr;
    if (read == nullptr || tree_.count(targets) != 1 || position >= read->columns.size()) return false;
    return from_has(from, needed, read->columns[position].name);
  }
  if (position >= tree_.count(targets)) return default_is_own(relation, needed);
  return value(tree_.child(tree_.child(targets, position), rt_value), relation, needed, source);
}

bool FinalCheck::assignments(Ref targets, const Relation& relation, Ref source_level) const {
  for (const Needed& each : needed(relation)) {
    for (std::size_t i = 0; i < tree_.count(targets); ++i) {
      const Ref target = tree_.child(targets, i);
      if (tree_.text(target) != each.column) continue;
      Ref written = tree_.child(target, rt_value);
      if (tree_.is(written, Kind::multi_assign)) {
        std::size_t first = i;
        while (first > 0 && tree_.child(tree_.child(tree_.child(targets, first), rt_value), 0) == kNone)
          --first;
        const Ref row = tree_.child(tree_.child(tree_.child(targets, first), rt_value), 0);
        if (!tree_.is(row, Kind::row)) return false;
        written = tree_.child(tree_.child(row, 0), i - first);
      }
      if (tree_.child(target, rt_indirection) != kNone || !value(written, relation, each, source_level))
        return false;
    }
  }
  return true;
}

// CASE WHEN <every predicate of the target> THEN .. ELSE <fails> END
bool FinalCheck::conflict(Ref node, Ref range_var, const Relation& relation) const {
  if (node == kNone || tree_.number(node) != kConflictUpdate) return true;
  const std::vector<Needed> all = needed(relation);
  if (all.empty()) return true;
  if (!assignments(tree_.child(node, oc_targets), relation, node)) return false;
  const Ref where = tree_.child(node, oc_where);
  const Ref whens = tree_.is(where, Kind::case_) && tree_.child(where, ca_arg) == kNone
                        ? tree_.child(where, ca_whens)
                        : kNone;
  if (tree_.count(whens) != 1 || !always_fails(tree_.child(where, ca_else))) return false;
  Filters filters;
  conjuncts(tree_.child(tree_.child(whens, 0), 0), filters);
  const Ref alias = tree_.child(range_var, rv_alias);
  const std::vector<std::string> fields{std::string(tree_.text(alias != kNone ? alias : range_var))};
  return std::all_of(all.begin(), all.end(), [&](const Needed& each) {
    return std::any_of(filters.begin(), filters.end(),
                       [&](Ref filter) { return is_predicate(filter, fields, each); });
  });
}

bool FinalCheck::value(Ref node, const Relation& relation, const Needed& needed, Ref leaf) const {
  if (node == kNone) return false;
  if (is_own_literal(node, needed.attribute) || is_guard(node, needed.attribute)) return true;
  if (tree_.is(node, Kind::set_to_default)) return default_is_own(relation, needed);
  if (own_column(node, leaf, needed)) return true;
  const Ref bare = tree_.is(node, Kind::type_cast) ? tree_.child(node, tc_arg) : node;
  if (tree_.is(bare, Kind::func_call)) {
    const std::vector<std::string> name = parts_of(tree_, tree_.child(bare, f_name));
    const Ref first = tree_.child(tree_.child(bare, f_args), 0);
    const Ref text = tree_.is(first, Kind::constant) ? tree_.child(first, 0) : kNone;
    if (name.empty() || name.back() != "current_setting" || text == kNone) return false;
    std::string setting(tree_.text(text));
    std::string wanted = policy_.tenant[needed.attribute].setting;
    for (std::string* each : {&setting, &wanted})
      for (char& c : *each)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return setting == wanted;
  }
  return checked_later(bare, relation, needed);
}

bool FinalCheck::checked_later(Ref node, const Relation& relation, const Needed& needed) const {
  const TenantAttribute& attribute = policy_.tenant[needed.attribute];
  if (tree_.is(node, Kind::param))
    return std::any_of(bind_checks_->begin(), bind_checks_->end(), [&](const BindCheck& check) {
      return check.parameter == tree_.number(node) && check.attribute == attribute.name &&
             check.relation == relation.name;
    });
  const Ref text = tree_.is(node, Kind::constant) ? tree_.child(node, 0) : kNone;
  if (text == kNone) return false;
  const std::string written =
      tree_.is(text, Kind::integer) ? std::to_string(tree_.number(text)) : std::string(tree_.text(text));
  const auto canonical_text = canonical(attribute.type, written);
  return canonical_text && std::any_of(plan_.literal_checks.begin(), plan_.literal_checks.end(),
                                       [&](const LiteralCheck& check) {
                                         return check.value == *canonical_text &&
                                                check.attribute == attribute.name &&
                                                check.relation == relation.name;
                                       });
}

// CASE WHEN (..) = <own> THEN <own> ELSE <fails> END
bool FinalCheck::is_guard(Ref node, std::size_t attribute) const {
  if (!tree_.is(node, Kind::case_) || tree_.child(node, ca_arg) != kNone) return false;
  const Ref whens = tree_.child(node, ca_whens);
  if (tree_.count(whens) != 1) return false;
  return is_own_literal(tree_.child(tree_.child(whens, 0), 1), attribute) &&
         always_fails(tree_.child(node, ca_else));
}

// Casts around CAST('pgward:foreign-tenant ' || .. AS int4).
bool FinalCheck::always_fails(Ref node) const {
  for (unsigned depth = 0; depth < 4 && tree_.is(node, Kind::type_cast); ++depth) {
    const Ref inside = tree_.child(node, tc_arg);
    if (tree_.is(inside, Kind::operator_)) {
      const std::vector<std::string> type =
          parts_of(tree_, tree_.child(tree_.child(node, tc_type), tn_names));
      const Ref marker = tree_.child(tree_.child(inside, o_left), tc_arg);
      return type == std::vector<std::string>{"pg_catalog", "int4"} && tree_.is(marker, Kind::constant) &&
             tree_.text(tree_.child(marker, 0)).starts_with(kGuardMarker);
    }
    node = inside;
  }
  return false;
}

bool FinalCheck::own_column(Ref node, Ref leaf, const Needed& needed) const {
  if (leaf == kNone || !tree_.is(node, Kind::column_ref)) return false;
  const std::vector<std::string> fields = parts_of(tree_, tree_.child(node, 0));
  if (fields.empty()) return false;
  switch (tree_.kind(leaf)) {
    case Kind::select:
      return from_has(tree_.child(leaf, s_from), needed, fields.back());
    case Kind::update:
      return from_has(tree_.child(leaf, u_relation), needed, fields.back()) ||
             from_has(tree_.child(leaf, u_from), needed, fields.back());
    case Kind::merge:
      return from_has(tree_.child(leaf, m_relation), needed, fields.back()) ||
             from_has(tree_.child(leaf, m_source), needed, fields.back());
    case Kind::on_conflict:
      return fields.size() == 2 && fields.back() == needed.column;
    default:
      return false;
  }
}

// (SELECT * FROM t WHERE ..) AS x, and nothing more.
bool FinalCheck::plain_star_has(Ref subselect, const Needed& wanted, std::string_view column) const {
  const Ref query = tree_.child(subselect, rs_query);
  const Ref alias = tree_.child(subselect, rs_alias);
  if (!tree_.is(query, Kind::select) || alias == kNone || tree_.child(alias, a_columns) != kNone) return false;
  for (std::size_t i = 0; i < tree_.count(query); ++i)
    if (i != s_targets && i != s_from && i != s_where && tree_.child(query, i) != kNone) return false;
  const Ref targets = tree_.child(query, s_targets);
  const Ref from = tree_.child(query, s_from);
  const Ref item = tree_.child(tree_.child(targets, 0), rt_value);
  if (tree_.count(targets) != 1 || !tree_.is(item, Kind::column_ref)) return false;
  bool star = false;
  const bool bare = parts_of(tree_, tree_.child(item, 0), &star).empty();
  return star && bare && tree_.count(from) == 1 && tree_.is(tree_.child(from, 0), Kind::range_var) &&
         from_has(from, wanted, column);
}

// A relation in FROM whose column of that name carries the same attribute, not kept by an outer join.
bool FinalCheck::from_has(Ref node, const Needed& wanted, std::string_view column) const {
  if (node == kNone) return false;
  if (tree_.is(node, Kind::range_var)) {
    const Relation* relation = named(node);
    if (relation == nullptr) return false;
    const std::vector<Needed> all = needed(*relation);
    return std::any_of(all.begin(), all.end(), [&](const Needed& each) {
      return each.column == column && each.attribute == wanted.attribute;
    });
  }
  if (tree_.is(node, Kind::range_subselect)) return plain_star_has(node, wanted, column);
  if (tree_.is(node, Kind::join)) {
    const std::int64_t type = tree_.number(node) & 15;
    return ((type == kJoinInner || type == kJoinLeft) &&
            from_has(tree_.child(node, j_left), wanted, column)) ||
           ((type == kJoinInner || type == kJoinRight) &&
            from_has(tree_.child(node, j_right), wanted, column));
  }
  if (!tree_.is(node, Kind::list) && !tree_.is(node, Kind::range_sample)) return false;
  for (const Ref item : tree_.children(node))
    if (from_has(item, wanted, column)) return true;
  return false;
}

bool FinalCheck::default_is_own(const Relation& relation, const Needed& needed) const {
  const Column* column = relation.column(needed.column);
  return column != nullptr &&
         column->default_expr.find("current_setting('" + policy_.tenant[needed.attribute].setting + "'") !=
             std::string::npos;
}

}  // namespace pgward::policy::sql
