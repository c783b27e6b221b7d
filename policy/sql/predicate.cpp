#include "policy/sql/predicate.h"

namespace pgward::policy::sql {
namespace {

Ref qualified_type(Tree& tree, std::string_view type) {
  return tree.add(Kind::type_name, {tree.strings({"pg_catalog", type}), kNone, kNone}, {}, -4);  // typmod -1
}

Ref cast(Tree& tree, Ref value, std::string_view type) {
  return tree.add(Kind::type_cast, {value, qualified_type(tree, type)});
}

Ref text_constant(Tree& tree, std::string_view text) {
  return tree.add(Kind::constant, {tree.string(text)});
}

Ref qualified_operator(Tree& tree, std::string_view symbol, Ref left, Ref right) {
  return tree.add(Kind::operator_, {tree.strings({"pg_catalog", symbol}), left, right}, {}, kOperatorPlain);
}

// Fails when it is evaluated, never before: random() keeps the planner from computing it ahead, and only
// the text -> int4 step fails, for every row that comes here.
constexpr std::string_view kFailBefore =
    "CAST((CAST('pgward:foreign-tenant ' AS pg_catalog.text) OPERATOR(pg_catalog.||) "
    "CAST(pg_catalog.random() AS "
    "pg_catalog.text)) AS pg_catalog.int4)";

Ref fail_node(Tree& tree) {
  const Ref random =
      tree.add(Kind::func_call, {tree.strings({"pg_catalog", "random"}), kNone, kNone, kNone, kNone});
  const Ref marker = cast(tree, text_constant(tree, "pgward:foreign-tenant "), "text");
  return cast(tree, qualified_operator(tree, "||", marker, cast(tree, random, "text")), "int4");
}

Ref case_node(Tree& tree, Ref condition, Ref result, Ref otherwise) {
  const Ref when = tree.add(Kind::case_when, {condition, result});
  return tree.add(Kind::case_, {kNone, tree.list({when}), otherwise});
}

}  // namespace

std::string sample_value(const Policy& policy, std::size_t attribute) {
  const std::string number = std::to_string(attribute % 100);
  switch (policy.tenant[attribute].type) {
    case TenantType::uuid:
      return "70677761-7264-4000-8000-0000000000" + std::string(number.size() == 1 ? "0" : "") + number;
    case TenantType::int2:
    case TenantType::int4:
    case TenantType::int8:
      return "31" + std::string(number.size() == 1 ? "0" : "") + number;
    case TenantType::text:
    case TenantType::varchar:
      break;
  }
  return "pgward sample tenant " + number;
}

std::string Reference::sql() const {
  std::string out;
  for (const std::string& field : fields) out += quote_identifier(field) + ".";
  return out;
}

Pieces literal_text(const TenantPair& pair) {
  Pieces out;
  out.emplace_back(pair.attribute);
  out += "::pg_catalog." + std::string(pair.type);
  return out;
}

Ref literal_node(const Analysis& analysis, const TenantPair& pair) {
  Tree& tree = analysis.tree;
  return cast(tree, text_constant(tree, sample_value(analysis.policy, pair.attribute)), pair.type);
}

Pieces predicate_text(const Reference& reference, const TenantPair& pair) {
  Pieces out;
  out += reference.sql() + quote_identifier(pair.column) + " OPERATOR(pg_catalog.=) ";
  out += literal_text(pair);
  return out;
}

Ref predicate_node(const Analysis& analysis, const Reference& reference, const TenantPair& pair) {
  Tree& tree = analysis.tree;
  std::vector<Ref> fields;
  for (const std::string& field : reference.fields) fields.push_back(tree.string(field));
  fields.push_back(tree.string(pair.column));
  const Ref names = tree.add(Kind::list, -1, {}, 0, fields);
  return qualified_operator(tree, "=", tree.add(Kind::column_ref, {names}), literal_node(analysis, pair));
}

Ref conjunction(Tree& tree, const std::vector<Ref>& predicates, Ref old) {
  std::vector<Ref> all = predicates;
  if (old != kNone) all.push_back(old);
  if (all.size() == 1) return all.front();
  return tree.add(Kind::bool_expr, {tree.add(Kind::list, -1, {}, 0, all)}, {}, kBoolAnd);
}

Pieces guard_before() {
  return {"CASE WHEN ("};
}

Pieces guard_after(const TenantPair& pair) {
  Pieces out;
  out += ") OPERATOR(pg_catalog.=) ";
  out += literal_text(pair);
  out += " THEN ";
  out += literal_text(pair);
  out += " ELSE CAST(CAST(" + std::string(kFailBefore) + " AS pg_catalog.text) AS pg_catalog." +
         std::string(pair.type) + ") END";
  return out;
}

Ref guard_node(const Analysis& analysis, const TenantPair& pair, Ref expression) {
  Tree& tree = analysis.tree;
  const Ref condition = qualified_operator(tree, "=", expression, literal_node(analysis, pair));
  const Ref otherwise = cast(tree, cast(tree, fail_node(tree), "text"), pair.type);
  return case_node(tree, condition, literal_node(analysis, pair), otherwise);
}

Pieces row_guard_before(const Reference& reference, const std::vector<TenantPair>& pairs, bool with_old) {
  Pieces out;
  out += "CASE WHEN ";
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += " AND ";
    out += predicate_text(reference, pairs[i]);
  }
  out += with_old ? " THEN (" : " THEN true";
  return out;
}

Pieces row_guard_after(bool with_old) {
  return {std::string(with_old ? ")" : "") + " ELSE CAST(" + std::string(kFailBefore) +
          " AS pg_catalog.bool) END"};
}

Ref row_guard_node(const Analysis& analysis, const Reference& reference, const std::vector<TenantPair>& pairs,
                   Ref old) {
  Tree& tree = analysis.tree;
  std::vector<Ref> predicates;
  for (const TenantPair& pair : pairs) predicates.push_back(predicate_node(analysis, reference, pair));
  Ref result = old;
  if (old == kNone) result = tree.add(Kind::constant, {tree.add(Kind::boolean, {}, {}, 1)});
  return case_node(tree, conjunction(tree, predicates, kNone), result, cast(tree, fail_node(tree), "bool"));
}

}  // namespace pgward::policy::sql
