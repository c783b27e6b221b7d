// Conditions that could tell of other tenants' rows are fenced (fence.h). Without types, and by names
// alone: whatever calls, casts or computes with a column must stand behind every predicate it may need.
#include <algorithm>

#include "policy/sql/final_check.h"
#include "policy/sql/leak.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr std::int64_t kSublinkAny = 2;       // EXISTS, ALL and ANY come before the others
constexpr std::int64_t kExpressionIn = 6;     // kinds of operator_ after this one: LIKE and its family ..
constexpr std::int64_t kExpressionBetween = 10;  // .. up to this one
constexpr std::int64_t kNullIf = 5;

bool is_comparison(const Tree& tree, Ref node) {
  const std::int64_t kind = tree.number(node);
  if (kind == kNullIf || (kind > kExpressionIn && kind < kExpressionBetween)) return false;
  if (kind >= kExpressionBetween) return true;
  const std::vector<std::string> symbol = parts_of(tree, tree.child(node, o_name));
  if (symbol.empty()) return false;
  for (const std::string_view each : {"=", "<>", "!=", "<", "<=", ">", ">="})
    if (symbol.back() == each) return true;
  return false;
}

bool names_columns(const Tree& tree, Ref root) {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    if (tree.is(node, Kind::column_ref)) return true;
    todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
  }
  return false;
}

bool calls_leakproof(const Tree& tree, const Catalog& catalog, Ref call) {
  const std::vector<std::string> name = parts_of(tree, tree.child(call, f_name));
  const auto [from, to] = catalog.functions.equal_range(name.empty() ? std::string() : name.back());
  return from != to && std::all_of(from, to, [](const auto& each) { return each.second.leakproof; });
}

bool does_more_than_compare(const Tree& tree, const Catalog& catalog, Ref root) {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    bool suspicious = false;
    switch (tree.kind(node)) {
      case Kind::operator_:
        suspicious = !is_comparison(tree, node);
        break;
      case Kind::func_call:
        suspicious = !calls_leakproof(tree, catalog, node);
        break;
      case Kind::type_cast:
        suspicious = !tree.is(tree.child(node, tc_arg), Kind::column_ref);
        break;
      case Kind::sublink:
        if (tree.number(node) > kSublinkAny) return true;
        todo.push_back(tree.child(node, sl_test));  // its query is a level of its own
        continue;
      default:
        break;
    }
    if (suspicious && names_columns(tree, node)) return true;
    todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
  }
  return false;
}

}  // namespace

void FinalCheck::sources(Ref node, Scope& out) const {
  if (node == kNone) return;
  switch (tree_.kind(node)) {
    case Kind::list:
      for (const Ref item : tree_.children(node)) sources(item, out);
      return;
    case Kind::range_sample:
      return sources(tree_.child(node, sa_relation), out);
    case Kind::join:
      sources(tree_.child(node, j_left), out);
      sources(tree_.child(node, j_right), out);
      if (const Ref alias = tree_.child(node, j_alias); alias != kNone)
        out.push_back({{std::string(tree_.text(alias))}, nullptr, node});
      return;
    case Kind::range_var: {
      const Ref alias = tree_.child(node, rv_alias);
      const Relation* relation = named(node);
      std::vector<std::string> fields{std::string(tree_.text(alias != kNone ? alias : node))};
      if (alias == kNone && relation != nullptr) fields.insert(fields.begin(), relation->name.schema);
      out.push_back({fields, relation, node});
      return;
    }
    case Kind::range_subselect:
      out.push_back({{std::string(tree_.text(tree_.child(node, rs_alias)))}, nullptr, node});
      return;
    default:
      return;
  }
}

// May the planner take a condition into this, down to a protected relation?
bool FinalCheck::open_to_conditions(Ref root) const {
  std::vector<Ref> todo{root};
  std::vector<Ref> seen;
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    if (tree_.is(node, Kind::range_subselect)) {
      const Ref query = tree_.child(node, rs_query);
      if (tree_.child(query, s_offset) != kNone || tree_.child(query, s_count) != kNone) continue;
      if (tree_.number(node) != 0) return true;  // LATERAL
    }
    if (tree_.is(node, Kind::range_var)) {
      if (const Relation* relation = named(node)) {
        if (!needed(*relation).empty()) return true;
        continue;
      }
      const auto cte = std::find_if(ctes_.rbegin(), ctes_.rend(),
                                    [&](Ref each) { return tree_.text(each) == tree_.text(node); });
      constexpr std::int64_t kMaterialized = 1;
      const bool closed = cte == ctes_.rend() || tree_.number(*cte) == kMaterialized ||
                          !tree_.is(tree_.child(*cte, c_query), Kind::select) ||
                          std::find(seen.begin(), seen.end(), *cte) != seen.end();
      if (closed) continue;
      seen.push_back(*cte);
      todo.push_back(tree_.child(*cte, c_query));
      continue;
    }
    todo.insert(todo.end(), tree_.children(node).begin(), tree_.children(node).end());
  }
  return false;
}

bool FinalCheck::guarded(const Source& source, const Filters& guards) const {
  if (source.relation == nullptr) return !open_to_conditions(source.node);
  std::vector<Needed> all = needed(*source.relation);
  return std::all_of(all.begin(), all.end(), [&](const Needed& each) {
    return std::any_of(guards.begin(), guards.end(), [&](Ref guard) {
      if (tree_.is(guard, Kind::bool_expr) && tree_.number(guard) == kBoolOr) {
        const Ref args = tree_.child(guard, 0);
        const Ref absent = tree_.child(args, 1);
        const std::vector<std::string> parts = parts_of(tree_, tree_.child(tree_.child(absent, 0), 0));
        if (tree_.count(args) != 2 || !tree_.is(absent, Kind::null_test) || tree_.number(absent) != 0 ||
            parts.size() < 2 || (parts.back() != "tableoid" && parts.back() != each.column))
          return false;
        guard = tree_.child(args, 0);
      }
      return is_predicate(guard, source.fields, each) || is_predicate(guard, {source.fields.back()}, each);
    });
  });
}

bool FinalCheck::column_guarded(Ref column_ref, const Filters& guards, bool having) const {
  bool star = false;
  const std::vector<std::string> fields = parts_of(tree_, tree_.child(column_ref, 0), &star);
  const std::size_t qualifier = star ? fields.size() : fields.size() - 1;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    bool certain = false;
    for (const Source& source : *scope) {
      if (qualifier > 0 && source.fields.back() != fields[qualifier - 1]) continue;
      const bool has = qualifier > 0 || (source.relation != nullptr && !star &&
                                         source.relation->column(fields.back()) != nullptr);
      const bool whole = qualifier == 0 && !star && source.fields.back() == fields.back();
      if (!has && !whole && source.relation != nullptr && !star) continue;
      certain = certain || has;
      if (!(having && scope == scopes_.rbegin()) && !guarded(source, guards)) return false;
    }
    if (certain) return true;
  }
  return true;
}

bool FinalCheck::conjunct_fenced(Ref node, bool having) const {
  if (!does_more_than_compare(tree_, catalog_, node)) return true;
  Filters guards;
  Ref inside = node;
  const Ref whens = tree_.is(node, Kind::case_) && tree_.child(node, ca_arg) == kNone
                        ? tree_.child(node, ca_whens)
                        : kNone;
  if (tree_.count(whens) == 1) {
    const Ref otherwise = tree_.child(tree_.child(node, ca_else), 0);
    if (tree_.is(otherwise, Kind::boolean) && tree_.number(otherwise) == 0) {
      conjuncts(tree_.child(tree_.child(whens, 0), 0), guards);
      inside = tree_.child(tree_.child(whens, 0), 1);
    }
  }
  const bool stays = having && aggregates(tree_, catalog_, node);
  std::vector<Ref> todo{inside};
  while (!todo.empty()) {
    const Ref each = todo.back();
    todo.pop_back();
    if (each == kNone) continue;
    if (tree_.is(each, Kind::column_ref) && !column_guarded(each, guards, stays)) return false;
    if (!tree_.is(each, Kind::select)) todo.insert(todo.end(), tree_.children(each).begin(), tree_.children(each).end());
  }
  return true;
}

bool FinalCheck::condition_fenced(Ref condition, bool having) const {
  Filters todo{condition};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (tree_.is(node, Kind::bool_expr) && tree_.number(node) == kBoolAnd)
      conjuncts(node, todo);
    else if (!conjunct_fenced(node, having))
      return false;
  }
  return true;
}

bool FinalCheck::joins_fenced(Ref node) {
  if (node == kNone) return true;
  if (tree_.is(node, Kind::list)) {
    for (const Ref item : tree_.children(node))
      if (!joins_fenced(item)) return false;
    return true;
  }
  if (!tree_.is(node, Kind::join)) return true;
  if (!joins_fenced(tree_.child(node, j_left)) || !joins_fenced(tree_.child(node, j_right))) return false;
  // First whether it has to be fenced at all: to know what can be named in it costs as much as the join is deep.
  if (!does_more_than_compare(tree_, catalog_, tree_.child(node, j_on))) return true;
  const InsideJoin on(*this, node);
  return condition_fenced(tree_.child(node, j_on), false);
}

// `target` is the relation that UPDATE, DELETE and MERGE change.
bool FinalCheck::fenced(Ref target, Ref from, Ref where, Ref having) {
  Scope scope;
  sources(target, scope);
  sources(from, scope);
  scopes_.push_back(std::move(scope));
  if (policy_.mode != Mode::predicate) return true;
  return condition_fenced(where, false) && condition_fenced(having, true) && joins_fenced(from);
}

}  // namespace pgward::policy::sql
