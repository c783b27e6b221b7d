#include "policy/sql/leak.h"

#include <algorithm>
#include <unordered_map>

#include "policy/sql/leak_types.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// A_Expr_Kind
enum ExpressionKind : std::int64_t {
  kOp = 0,
  kOpAny = 1,
  kDistinct = 3,
  kNotDistinct = 4,
  kIn = 6,
  kBetween = 10,
  kNotBetweenSymmetric = 13
};
// SubLinkType
enum SublinkKind : std::int64_t { kExists = 0, kAll = 1, kAny = 2 };

// What an expression may be.
struct Value {
  bool leaky = false;
  bool constant = false;  // names no column: says nothing of any row
  std::string type;       // empty: not known

  static Value leak() { return {true, false, {}}; }
  static Value fixed() { return {false, true, {}}; }
  static Value of(std::string type) { return {false, false, std::move(type)}; }
};

class Judge {
 public:
  Judge(const Tree& tree, const Catalog& catalog, const Meaning& meaning)
      : tree_(tree), catalog_(catalog), meaning_(meaning) {}

  bool condition(Ref node) const {
    // EXISTS and NOT EXISTS among the conjuncts become joins, whose sides are filtered before they meet.
    Ref inner = node;
    if (tree_.is(node, Kind::bool_expr) && tree_.number(node) == kBoolNot)
      inner = tree_.child(tree_.child(node, 0), 0);
    if (tree_.is(inner, Kind::sublink) && tree_.number(inner) == kExists)
      return meaning_.correlated(inner) && !becomes_join(inner);
    return value(node).leaky;
  }

 private:
  bool becomes_join(Ref sublink) const {
    const Ref query = tree_.child(sublink, sl_query);
    if (!tree_.is(query, Kind::select) || tree_.child(query, s_from) == kNone) return false;
    for (const Select part : {s_distinct, s_group, s_having, s_windows, s_values, s_order, s_offset, s_count,
                              s_locking, s_with, s_left, s_right})
      if (tree_.child(query, part) != kNone) return false;
    return meaning_.correlated_in_where_only(sublink);
  }

  // What is asked for twice on each level is judged once: otherwise forty nested operators would take for ever.
  Value value(Ref node) const {
    if (tree_.count(node) == 0 || tree_.is(node, Kind::constant) || tree_.is(node, Kind::column_ref)) return judged(node);
    if (const auto before = known_.find(node); before != known_.end()) return before->second;
    return known_.emplace(node, judged(node)).first->second;
  }

  Value judged(Ref node) const {
    if (node == kNone) return Value::fixed();
    switch (tree_.kind(node)) {
      case Kind::constant:
      case Kind::param:
      case Kind::sql_value:
      case Kind::type_name:
      case Kind::string:
      case Kind::integer:
        return Value::fixed();
      case Kind::column_ref: {
        const ColumnFact fact = meaning_.column(node);
        return fact.plain ? Value::of(comparable_type(fact.type)) : Value::leak();
      }
      case Kind::operator_:
        return operation(node);
      case Kind::bool_expr:
      case Kind::null_test:
      case Kind::boolean_test: {
        Value all = together(node);
        if (!all.leaky && !all.constant) all.type = "boolean";
        return !all.constant && calls_cheaply(node) ? Value::leak() : all;
      }
      case Kind::coalesce:
      case Kind::collate: {
        const Value all = together(node);
        return !all.constant && calls_cheaply(node) ? Value::leak() : all;
      }
      case Kind::type_cast:
        return cast(node);
      case Kind::func_call:
        return call(node);
      case Kind::sublink:
        return sublink(node);
      case Kind::list:
      case Kind::row:
      case Kind::array:
      case Kind::case_:
      case Kind::case_when:
      case Kind::min_max:
      case Kind::indirection:
      case Kind::indices:
      case Kind::named_arg:
        return together(node).constant ? Value::fixed() : Value::leak();
      default:
        return Value::leak();
    }
  }

  // A call as the arm of an OR and the like. It names no column, but beside one it is made for each row, and
  // it may fail. Below a comparison the whole costs more than the predicate and so comes after it; with
  // nothing around it that costs anything, it may come before.
  bool calls_cheaply(Ref root) const {
    std::vector<Ref> todo{root};
    while (!todo.empty()) {
      const Ref node = todo.back();
      todo.pop_back();
      if (node == kNone) continue;
      switch (tree_.kind(node)) {
        case Kind::func_call:
          return true;
        case Kind::list:
        case Kind::bool_expr:
        case Kind::null_test:
        case Kind::boolean_test:
        case Kind::coalesce:
        case Kind::collate:
        case Kind::type_cast:
        case Kind::case_:
        case Kind::case_when:
          todo.insert(todo.end(), tree_.children(node).begin(), tree_.children(node).end());
          break;
        default:
          break;
      }
    }
    return false;
  }

  // All children; the type is that of the first that has one.
  Value together(Ref node) const {
    Value all = Value::fixed();
    std::vector<Ref> todo(tree_.children(node).rbegin(), tree_.children(node).rend());
    while (!todo.empty()) {
      const Ref item = todo.back();
      todo.pop_back();
      if (tree_.is(item, Kind::list)) {
        todo.insert(todo.end(), tree_.children(item).rbegin(), tree_.children(item).rend());
        continue;
      }
      const Value one = value(item);
      if (one.leaky) return Value::leak();
      all.constant = all.constant && one.constant;
      if (all.type.empty()) all.type = one.type;
    }
    return all;
  }

  // varchar::text and the like change nothing; a constant's cast says nothing of a row. Of anything but a bare
  // column the second check takes no cast on trust.
  Value cast(Ref node) const {
    const Value inner = value(tree_.child(node, tc_arg));
    if (inner.constant || inner.leaky) return inner;
    if (!tree_.is(tree_.child(node, tc_arg), Kind::column_ref)) return Value::leak();
    const Ref type = tree_.child(node, tc_type);
    const bool plain = tree_.child(type, tn_typmods) == kNone && tree_.child(type, tn_bounds) == kNone;
    const std::string name = written_type(catalog_, parts_of(tree_, tree_.child(type, tn_names)));
    return plain && !name.empty() && comparable_type(name) == inner.type ? inner : Value::leak();
  }

  Value call(Ref node) const {
    const std::vector<std::string> name = parts_of(tree_, tree_.child(node, f_name));
    if (tree_.child(node, f_over) != kNone || name.empty()) return Value::leak();
    bool volatile_one = false;
    bool leakproof = true;
    const auto [from, to] = catalog_.functions.equal_range(name.back());
    for (auto it = from; it != to; ++it) {
      volatile_one = volatile_one || it->second.volatility == Volatility::volatile_ || it->second.kind != 'f';
      leakproof = leakproof && it->second.leakproof;
    }
    const Value args = together(tree_.child(node, f_args));
    if (volatile_one || args.leaky) return Value::leak();
    if (args.constant) return Value::fixed();
    return from != to && leakproof ? Value::of({}) : Value::leak();
  }

  Value operation(Ref node) const {
    const std::vector<std::string> symbol = parts_of(tree_, tree_.child(node, o_name));
    const Ref left = tree_.child(node, o_left);
    const Ref right = tree_.child(node, o_right);
    const std::int64_t kind = tree_.number(node);
    if (value(left).constant && value(right).constant) return Value::fixed();
    switch (kind) {
      case kOp:
      case kDistinct:
      case kNotDistinct:
        return compare(symbol, left, right);
      case kOpAny:
        return value(right).constant ? compare(symbol, left, right) : Value::leak();
      case kIn:
        return each(symbol, left, right);
      default:
        break;
    }
    if (kind < kBetween || kind > kNotBetweenSymmetric) return Value::leak();  // LIKE, NULLIF, SIMILAR
    for (const char* part : {"<", "<=", ">", ">="})
      if (each({part}, left, right).leaky) return Value::leak();
    return Value::of("boolean");
  }

  Value each(const std::vector<std::string>& symbol, Ref left, Ref list) const {
    for (const Ref item : tree_.children(list))
      if (compare(symbol, left, item).leaky) return Value::leak();
    return Value::of("boolean");
  }

  Value compare(const std::vector<std::string>& symbol, Ref left, Ref right) const {
    if (tree_.is(left, Kind::row) && tree_.is(right, Kind::row)) {
      const Ref a = tree_.child(left, 0);
      const Ref b = tree_.child(right, 0);
      if (tree_.count(a) != tree_.count(b)) return Value::leak();
      for (std::size_t i = 0; i < tree_.count(a); ++i) {
        // Rows in rows would be judged once more for each row around them.
        if (tree_.is(tree_.child(a, i), Kind::row) && tree_.is(tree_.child(b, i), Kind::row)) return Value::leak();
        // (a, b) < (c, d) uses < and =.
        if (compare(symbol, tree_.child(a, i), tree_.child(b, i)).leaky) return Value::leak();
        if (compare({"="}, tree_.child(a, i), tree_.child(b, i)).leaky) return Value::leak();
      }
      return Value::of("boolean");
    }
    return compare(symbol, value(left), value(right));
  }

  Value compare(const std::vector<std::string>& symbol, const Value& a, const Value& b) const {
    if (a.leaky || b.leaky) return Value::leak();
    if (a.constant && b.constant) return Value::fixed();
    // What a constant (or a value of a function in FROM) may be cannot make the other side fail: the
    // comparisons of a leakproof type with its relatives are harmless too.
    const std::string& left = a.type.empty() ? b.type : a.type;
    const std::string& right = b.type.empty() ? a.type : b.type;
    if (left.empty()) return Value::leak();
    return comparison_is_leakproof(catalog_, symbol, left, right) ? Value::of("boolean") : Value::leak();
  }

  Value sublink(Ref node) const {
    const std::int64_t kind = tree_.number(node);
    if (meaning_.correlated(node)) return Value::leak();
    if (kind == kExists) return Value::fixed();
    // A scalar sub-select of several rows is an error.
    if (kind != kAny && kind != kAll) return Value::leak();
    std::vector<std::string> symbol = parts_of(tree_, tree_.child(node, sl_operator));
    if (symbol.empty()) symbol = {"="};
    const std::vector<ColumnFact> outputs = meaning_.outputs(node);
    const Ref test = tree_.child(node, sl_test);
    const Ref items = tree_.is(test, Kind::row) ? tree_.child(test, 0) : kNone;
    const std::size_t width = items != kNone ? tree_.count(items) : 1;
    if (outputs.size() != width) return Value::leak();
    for (std::size_t i = 0; i < width; ++i) {
      if (!outputs[i].plain) return Value::leak();
      const Value one = value(items != kNone ? tree_.child(items, i) : test);
      if (compare(symbol, one, Value::of(comparable_type(outputs[i].type))).leaky) return Value::leak();
    }
    return Value::of("boolean");
  }

  const Tree& tree_;
  const Catalog& catalog_;
  const Meaning& meaning_;
  mutable std::unordered_map<Ref, Value> known_;
};

}  // namespace

bool aggregates(const Tree& tree, const Catalog& catalog, Ref condition) {
  std::vector<Ref> todo{condition};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone || tree.is(node, Kind::select)) continue;
    if (tree.is(node, Kind::func_call) && tree.child(node, f_over) == kNone) {
      const std::vector<std::string> name = parts_of(tree, tree.child(node, f_name));
      const auto [from, to] = catalog.functions.equal_range(name.empty() ? std::string() : name.back());
      if (from != to && std::all_of(from, to, [](const auto& each) { return each.second.kind == 'a'; }))
        return true;
    }
    todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
  }
  return false;
}

bool leaks(const Tree& tree, const Catalog& catalog, const Meaning& meaning, Ref condition) {
  return Judge(tree, catalog, meaning).condition(condition);
}

}  // namespace pgward::policy::sql
