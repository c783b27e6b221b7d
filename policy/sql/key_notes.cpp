#include "policy/sql/key_notes.h"

#include <algorithm>

#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// More are not noted, and what they would tell is not known: nobody writes them by hand, and they cost.
constexpr std::size_t kReferencesMax = 64, kComparisonsMax = 2000;
constexpr std::int64_t kAny = 1, kIn = 6;  // A_Expr_Kind, besides kOperatorPlain
constexpr std::int64_t kOverridingUserValue = 1;  // OverridingKind

bool names_keys(const Policy& policy) {
  return std::any_of(policy.tables.begin(), policy.tables.end(),
                     [](const auto& entry) { return !entry.second.record.empty() || !entry.second.subject.empty(); });
}

// For the types of keys = is PostgreSQL's own, whatever the search_path says.
bool equals_is_plain(const Catalog& catalog) {
  const auto [from, to] = catalog.operators.equal_range("=");
  return std::none_of(from, to, [](const auto& entry) {
    const policy::Operator& each = entry.second;
    return each.name.schema != "pg_catalog" && (key_type(each.left) != KeyType::unsupported || each.left.empty());
  });
}

// Whether anything below computes over several rows (a window, grouping sets): then a row of the answer tells of more
// than the keys in it.
bool looks_beyond_its_row(const Tree& tree, Ref root) {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone || tree.is(node, Kind::sublink) || tree.is(node, Kind::select)) continue;
    if (tree.is(node, Kind::grouping_set)) return true;
    if (tree.is(node, Kind::func_call) && tree.child(node, f_over) != kNone) return true;
    for (const Ref child : tree.children(node)) todo.push_back(child);
  }
  return false;
}

void conjuncts(const Tree& tree, Ref root, std::set<Ref>& out) {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    if (tree.is(node, Kind::bool_expr) && tree.number(node) == kBoolAnd) {
      for (const Ref list : tree.children(node)) {
        if (tree.is(list, Kind::list))
          for (const Ref child : tree.children(list)) todo.push_back(child);
        else
          todo.push_back(list);
      }
      continue;
    }
    out.insert(node);
  }
}

}  // namespace

// WITH queries by name, of the whole statement: one that is read more than once, or whose name stands twice, is left out.
void KeyNotes::begin(const Analysis& a, Ref statement) {
  *this = {};
  wanted_ = names_keys(a.policy) && equals_is_plain(a.catalog);
  if (!wanted_) return;
  const Tree& tree = a.tree;
  std::map<std::string, int, std::less<>> read;
  std::map<std::string, int, std::less<>> made;
  std::vector<Ref> todo{statement};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    if (tree.is(node, Kind::param)) ++mentions_[static_cast<std::uint32_t>(tree.number_unseen(node))];
    if (tree.is(node, Kind::range_var) && tree.child(node, rv_schema) == kNone) ++read[std::string(tree.text(node))];
    if (tree.is(node, Kind::with))
      for (const Ref cte : tree.children(tree.child(node, w_ctes))) {
        const std::string name(tree.text(cte));
        const bool plain = tree.number(node) == 0 && tree.child(cte, c_search) == kNone && tree.child(cte, c_cycle) == kNone;
        made[name] += plain ? 1 : 2;
        withs_[name] = tree.child(cte, c_query);
      }
    for (const Ref child : tree.children(node)) todo.push_back(child);
  }
  // One that cannot be followed stays as a name without a query: it is no table either.
  for (auto& [name, query] : withs_)
    if (made[name] != 1 || read[name] != 1) query = kNone;
  std::set<Ref> visited;
  switch (tree.kind(statement)) {
    case Kind::select: return shown(a, statement, visited);
    case Kind::insert: return shown_target(a, statement, i_relation, i_returning);
    case Kind::update: return shown_target(a, statement, u_relation, u_returning);
    case Kind::delete_: return shown_target(a, statement, d_relation, d_returning);
    default: return;
  }
}

// The rows that RETURNING gives are all that were changed.
void KeyNotes::shown_target(const Analysis& a, Ref statement, std::size_t relation, std::size_t returning) {
  target_ = a.tree.child(statement, relation);
  if (a.tree.child(statement, returning) != kNone) shown_.insert(target_);
}

// Each row of the answer is made of one row of each FROM item, or of a group of them that agrees in each column shown.
void KeyNotes::shown(const Analysis& a, Ref query, std::set<Ref>& visited) {
  const Tree& tree = a.tree;
  if (!tree.is(query, Kind::select) || !visited.insert(query).second) return;
  if (tree.child(query, s_left) != kNone || tree.child(query, s_windows) != kNone) return;
  for (const Select part : {s_targets, s_group, s_having, s_order, s_distinct})
    if (looks_beyond_its_row(tree, tree.child(query, part))) return;
  for (const Ref item : tree.children(tree.child(query, s_from))) shown_item(a, item, visited);
}

void KeyNotes::shown_item(const Analysis& a, Ref node, std::set<Ref>& visited) {
  const Tree& tree = a.tree;
  std::vector<Ref> todo{node};
  while (!todo.empty()) {
    const Ref item = todo.back();
    todo.pop_back();
    if (tree.is(item, Kind::join)) {
      todo.push_back(tree.child(item, j_left));
      todo.push_back(tree.child(item, j_right));
    } else if (tree.is(item, Kind::range_sample)) {
      todo.push_back(tree.child(item, sa_relation));
    } else if (tree.is(item, Kind::range_subselect)) {
      shown(a, tree.child(item, rs_query), visited);
    } else if (tree.is(item, Kind::range_var)) {
      const auto with = tree.child(item, rv_schema) == kNone ? withs_.find(tree.text(item)) : withs_.end();
      if (with == withs_.end())
        shown_.insert(item);
      else
        shown(a, with->second, visited);
    }
  }
}

void KeyNotes::added(Ref range_var, const std::string& column, std::size_t place) {
  added_.emplace(Column{range_var, column}, place);
  // A RETURNING of our own gives the rows of the target.
  if (range_var == target_) shown_.insert(target_);
}

void KeyNotes::reference(Ref range_var, const Protection& protection) {
  if (!wanted_ || !protection.recorded) return;
  const bool known = std::any_of(references_.begin(), references_.end(), [&](const Reference& each) { return each.node == range_var; });
  if (known) return;
  if (references_.size() < kReferencesMax) references_.push_back({range_var, &protection});
  else too_many_ = true;
}

std::optional<KeyNotes::Column> KeyNotes::column_of(const Analysis& a, Ref node, const Level& level) const {
  if (!a.tree.is(node, Kind::column_ref)) return std::nullopt;
  bool star = false;
  const std::vector<std::string> fields = parts_of(a.tree, a.tree.child(node, 0), &star);
  if (star || fields.empty()) return std::nullopt;
  const std::vector<Resolved> found = resolve_column(&level, fields, false);
  if (found.size() != 1 || !found.front().certain || found.front().whole_row) return std::nullopt;
  const FromItem& item = *found.front().item;
  if (item.protection == nullptr || !item.protection->recorded || item.node == kNone || item.renamed || item.new_row) return std::nullopt;
  if (item.protection->columns.contains(fields.back())) return std::nullopt;  // a mask is compared instead
  return Column{item.node, fields.back()};
}

KeyType KeyNotes::type_of(const Column& column) const {
  for (const Reference& each : references_) {
    if (each.node != column.item) continue;
    const policy::Column* found = each.protection->relation->column(column.name);
    return found != nullptr ? key_type(found->type) : KeyType::unsupported;
  }
  return KeyType::unsupported;
}

void KeyNotes::comparison(const Analysis& a, Ref node, const Level& level) {
  if (!wanted_ || comparisons_.size() >= kComparisonsMax) return;
  const Tree& tree = a.tree;
  const std::vector<std::string> name = parts_of(tree, tree.child(node, o_name));
  if (name.empty() || name.back() != "=") return;
  const std::int64_t kind = tree.number(node);
  Ref left = tree.child(node, o_left);
  Ref right = tree.child(node, o_right);
  auto column = column_of(a, left, level);
  if (kind == kOperatorPlain && !column) {
    std::swap(left, right);
    column = column_of(a, left, level);
  }
  if (!column) return;
  const KeyType type = type_of(*column);
  Comparison made{std::move(*column), std::nullopt, {}};
  if (kind == kOperatorPlain) {
    made.other = column_of(a, right, level);
    if (auto value = key_source(a, right, type)) made.values.push_back(std::move(*value));
  } else if (kind == kAny || kind == kIn) {
    if (auto values = key_list(a, right, type)) made.values = std::move(*values);
  }
  if (made.other || !made.values.empty()) comparisons_.insert_or_assign(node, std::move(made));
}

// The comparison holds in each row of the answer that these items have a part in.
void KeyNotes::hold(const Comparison& comparison, const std::set<Ref>& of) {
  const bool here = of.contains(comparison.column.item);
  if (!comparison.other) {
    if (here) bounds_.try_emplace(comparison.column, comparison.values);
    return;
  }
  // Of columns of other types = is not what it is of keys: 1.0 = 1, and citext knows no capitals.
  if (!alike(type_of(comparison.column), type_of(*comparison.other))) return;
  if (here) equal_[comparison.column].push_back(*comparison.other);
  if (of.contains(comparison.other->item)) equal_[*comparison.other].push_back(comparison.column);
}

void KeyNotes::level(const Analysis& a, const Level& level, Ref where) {
  if (!wanted_) return;
  const Tree& tree = a.tree;
  std::set<Ref> all;
  std::map<Ref, std::pair<std::set<Ref>, std::set<Ref>>> sides;  // of each join: items on the left, on the right
  for (const FromItem& item : level.items) {
    if (item.protection == nullptr || item.node == kNone) continue;
    all.insert(item.node);
    for (const JoinStep& step : item.path) (step.right ? sides[step.join].second : sides[step.join].first).insert(item.node);
  }
  const auto hold_all = [&](Ref condition, const std::set<Ref>& of) {
    std::set<Ref> each;
    conjuncts(tree, condition, each);
    for (const Ref one : each)
      if (const auto found = comparisons_.find(one); found != comparisons_.end()) hold(found->second, of);
  };
  hold_all(where, all);
  for (const auto& [join, side] : sides) {
    const std::int64_t kind = tree.number(join) & 15;
    std::set<Ref> of;
    if (kind == kJoinInner || kind == kJoinRight) of.insert(side.first.begin(), side.first.end());
    if (kind == kJoinInner || kind == kJoinLeft) of.insert(side.second.begin(), side.second.end());
    hold_all(tree.child(join, j_on), of);
    // USING (a): the same column on both sides, where each side has one item that surely has it.
    for (const std::string& name : parts_of(tree, tree.child(join, j_using))) {
      const FromItem* left = nullptr;
      const FromItem* right = nullptr;
      int others = 0;
      for (const FromItem& item : level.items) {
        const bool on_left = side.first.contains(item.node), on_right = side.second.contains(item.node);
        if (!on_left && !on_right) continue;
        if (!item.columns.complete || item.renamed) ++others;
        if (!item.columns.has(name)) continue;
        (on_left ? left : right) == nullptr ? void((on_left ? left : right) = &item) : void(++others);
      }
      if (left != nullptr && right != nullptr && others == 0) hold({{left->node, name}, Column{right->node, name}, {}}, of);
    }
  }
}

void KeyNotes::inserted(const Analysis& a, Ref insert, const Protection& protection) {
  if (!wanted_ || !protection.recorded) return;
  const Tree& tree = a.tree;
  const Ref node = tree.child(insert, i_relation);
  const auto reference = std::find_if(references_.begin(), references_.end(), [&](const Reference& each) { return each.node == node; });
  const Ref source = tree.child(insert, i_source);
  if (reference == references_.end() || !tree.is(source, Kind::select) || tree.child(source, s_values) == kNone) return;
  // Whose row it is that an ON CONFLICT DO UPDATE changes, its values do not say.
  const Ref conflict = tree.child(insert, i_conflict);
  if (conflict != kNone && tree.number(conflict) != kConflictNothing) return;
  // Nor which of its values are left out of account.
  if (tree.number(insert) == kOverridingUserValue) return;
  std::vector<std::string> names;
  const Ref columns = tree.child(insert, i_columns);
  for (const Ref column : tree.children(columns)) names.emplace_back(tree.child(column, rt_indirection) == kNone ? tree.text(column) : "");
  if (columns == kNone)
    for (const policy::Column& column : protection.relation->columns) names.push_back(column.name);
  reference->written = true;
  for (const Ref row : tree.children(tree.child(source, s_values)))
    for (std::size_t i = 0; i < tree.count(row) && i < names.size(); ++i) {
      auto& values = reference->values.try_emplace(names[i], std::vector<KeySource>()).first->second;
      auto value = key_source(a, tree.child(row, i), type_of({node, names[i]}));
      if (value) value->written = true;
      if (!value || (values && values->size() >= 1000)) values.reset();
      else if (values) values->push_back(std::move(*value));
    }
}

void KeyNotes::assigned(const Analysis& a, Ref targets, Ref range_var, const Protection& protection) {
  if (!wanted_ || !protection.recorded) return;
  for (const Ref target : a.tree.children(targets)) {
    if (!a.tree.is(target, Kind::res_target)) continue;
    Comparison made{{range_var, std::string(a.tree.text(target))}, std::nullopt, {}};
    if (auto value = key_source(a, a.tree.child(target, rt_value), type_of(made.column))) {
      value->written = true;
      made.values.push_back(std::move(*value));
    }
    assigned_.push_back(std::move(made));
  }
}

}  // namespace pgward::policy::sql
