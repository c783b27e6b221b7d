#include "policy/sql/mask.h"

#include "policy/sql/predicate.h"

namespace pgward::policy::sql {
namespace {

// A mask is a list of words and of places for the column, once as text and once as tree.
constexpr const char* kHidden = "***";
constexpr std::int64_t kShownFrom = 8;  // shorter values would show half of themselves or more
constexpr std::int64_t kShown = 4;

std::string name_text(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) out += (out.empty() ? "" : ".") + quote_identifier(field);
  return out;
}

bool is_varchar(const Column& column) {
  return column.type == "character varying";
}

class Builder {
 public:
  Builder(Tree& tree, const std::vector<std::string>& fields) : tree_(tree), fields_(fields) {}

  Ref column() {
    std::vector<Ref> names;
    for (const std::string& field : fields_) names.push_back(tree_.string(field));
    return tree_.add(Kind::column_ref, {tree_.add(Kind::list, -1, {}, 0, names)});
  }
  Ref text(std::string_view value) { return tree_.add(Kind::constant, {tree_.string(value)}); }
  Ref integer(std::int64_t value) {
    return tree_.add(Kind::constant, {tree_.add(Kind::integer, {}, {}, value)});
  }
  Ref call(std::string_view name, std::initializer_list<Ref> args) {
    return tree_.add(Kind::func_call,
                     {tree_.strings({"pg_catalog", name}), tree_.list(args), kNone, kNone, kNone});
  }
  Ref op(std::string_view symbol, Ref left, Ref right) {
    return tree_.add(Kind::operator_, {tree_.strings({"pg_catalog", symbol}), left, right}, {}, kOperatorPlain);
  }
  Ref cast(Ref value, std::string_view type) {
    const Ref name = tree_.add(Kind::type_name, {tree_.strings({"pg_catalog", type}), kNone, kNone}, {}, -4);
    return tree_.add(Kind::type_cast, {value, name});
  }
  Ref when(Ref condition, Ref result) { return tree_.add(Kind::case_when, {condition, result}); }
  Ref choose(std::initializer_list<Ref> whens, Ref otherwise) {
    return tree_.add(Kind::case_, {kNone, tree_.list(whens), otherwise});
  }
  // CASE WHEN false THEN <column> ..: the column's type, and never its value.
  Ref never(Ref otherwise) {
    const Ref no = tree_.add(Kind::constant, {tree_.add(Kind::boolean)});
    return choose({when(no, column())}, otherwise);
  }

 private:
  Tree& tree_;
  const std::vector<std::string>& fields_;
};

}  // namespace

bool mask_fits(const ColumnRule& rule, const std::string& type) {
  const bool text = type == "text" || type == "character varying";
  switch (rule.mask) {
    case Mask::last4:
    case Mask::hash:
      return text;
    case Mask::constant:
      return text || !rule.constant.empty();
    case Mask::none:
    case Mask::null:
      return true;
  }
  return false;
}

std::string mask_text(const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields) {
  const std::string name = name_text(fields);
  std::string out;
  switch (rule.mask) {
    case Mask::last4:
      out = "CASE WHEN pg_catalog.length(" + name + ") OPERATOR(pg_catalog.>=) " + std::to_string(kShownFrom) +
            " THEN CAST('" + kHidden + "' AS pg_catalog.text) OPERATOR(pg_catalog.||) pg_catalog.\"right\"(" + name +
            ", " + std::to_string(kShown) + ") WHEN " + name + " IS NOT NULL THEN '" + kHidden + "' END";
      break;
    case Mask::hash:
      out = rule.function.sql() + "(" + name + ")";
      break;
    case Mask::constant:
      return "CASE WHEN false THEN " + name + " ELSE " +
             quote_literal(rule.constant.empty() ? kHidden : rule.constant) + " END";
    case Mask::none:
    case Mask::null:
      return "CASE WHEN false THEN " + name + " END";
  }
  return is_varchar(column) ? "CAST(" + out + " AS pg_catalog.varchar)" : out;
}

Ref mask_node(Tree& tree, const ColumnRule& rule, const Column& column, const std::vector<std::string>& fields) {
  Builder b(tree, fields);
  Ref out = kNone;
  switch (rule.mask) {
    case Mask::last4: {
      constexpr std::int64_t kIsNotNull = 1;
      const Ref long_enough = b.op(">=", b.call("length", {b.column()}), b.integer(kShownFrom));
      const Ref end = b.op("||", b.cast(b.text(kHidden), "text"), b.call("right", {b.column(), b.integer(kShown)}));
      const Ref there = tree.add(Kind::null_test, {b.column()}, {}, kIsNotNull);
      out = b.choose({b.when(long_enough, end), b.when(there, b.text(kHidden))}, kNone);
      break;
    }
    case Mask::hash:
      out = tree.add(Kind::func_call, {tree.strings({rule.function.schema, rule.function.name}),
                                       tree.list({b.column()}), kNone, kNone, kNone});
      break;
    case Mask::constant:
      return b.never(b.text(rule.constant.empty() ? kHidden : rule.constant));
    case Mask::none:
    case Mask::null:
      return b.never(kNone);
  }
  return is_varchar(column) ? b.cast(out, "varchar") : out;
}

}  // namespace pgward::policy::sql
