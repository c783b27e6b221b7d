#include "policy/sql/named.h"

#include <algorithm>

#include "policy/sql/facts.h"
#include "policy/sql/query.h"
#include "policy/sql/statement.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// A type that a tenant's column cannot have: nobody's OID.
constexpr std::uint32_t kOtherType = 1;
// Longer values are nobody's tenant; they are not kept.
constexpr std::size_t kArgumentBytesMax = 256;

// The name of a type of pg_catalog's own, without modifier, set or array; else empty.
std::string plain_type(const Analysis& a, Ref type) {
  const Tree& tree = a.tree;
  if (tree.child(type, tn_typmods) != kNone || tree.child(type, tn_bounds) != kNone) return {};
  const std::vector<std::string> names = parts_of(tree, tree.child(type, tn_names));
  if (names.size() == 2 && names[0] == "pg_catalog") return names[1];
  // `uuid` and `text` are no words of the grammar: a bare one is looked up along the search_path.
  if (names.size() == 1 && a.catalog.types.count(names[0]) == 1) return names[0];
  return {};
}

std::uint32_t oid_of(const Analysis& a, Ref type) {
  struct Known {
    std::string_view name;
    std::uint32_t oid;
  };
  static constexpr Known kKnown[] = {{"int8", 20},  {"int2", 21},      {"int4", 23}, {"text", 25},
                                     {"uuid", 2950}, {"varchar", 1043}, {"unknown", 705}};
  const std::string name = plain_type(a, type);
  for (const Known& known : kKnown)
    if (known.name == name) return known.oid;
  return kOtherType;
}

// What the name stands for: the statement at hand alone, with the checks of its parameters.
std::shared_ptr<const Plan> meaning_of(const Analysis& a, std::vector<BindCheck> checks) {
  auto plan = std::make_shared<Plan>();
  plan->statements.push_back(a.facts);
  plan->bind_checks = std::move(checks);
  note_key_parameters(*plan);
  return plan;
}

bool walk_declare(Analysis& a, Ref node) {
  if (!walk_query_statement(a, a.tree.child(node, dc_query))) return false;
  NameUse use;
  use.verb = NameUse::Verb::declare;
  use.name = std::string(a.tree.text(node));
  use.holdable = (a.tree.number(node) & kCursorHold) != 0;
  use.meaning = meaning_of(a, {});
  a.facts.kind = StatementKind::declare;
  a.facts.names.push_back(std::move(use));
  return true;
}

// The parameters of the statement inside are EXECUTE's, not those of the message that this came in.
bool walk_prepare(Analysis& a, Ref node) {
  std::vector<BindCheck> outer;
  std::swap(outer, a.plan.bind_checks);
  if (!walk_query_statement(a, a.tree.child(node, pr_query))) return false;
  std::swap(outer, a.plan.bind_checks);
  // WHERE CURRENT OF a cursor that would have to be known now.
  if (!a.facts.names.empty()) return a.refuse(Refusal::not_supported);
  NameUse use;
  use.verb = NameUse::Verb::prepare;
  use.name = std::string(a.tree.text(node));
  use.meaning = meaning_of(a, std::move(outer));
  for (const Ref type : a.tree.children(a.tree.child(node, pr_types))) use.parameter_types.push_back(oid_of(a, type));
  // Nothing is read or changed before it is executed.
  a.facts = {};
  a.facts.kind = StatementKind::prepare;
  a.facts.names.push_back(std::move(use));
  return true;
}

// '0100'::int4 is 100, also where the parameter is a text.
Argument cast_to(std::uint32_t type, Argument inside) {
  const bool uuid = type == 2950;
  const bool text = type == 25 || type == 1043 || type == 705;
  if (text) return inside;
  auto value = canonical(uuid ? TenantType::uuid : type == 20 ? TenantType::int8 : type == 23 ? TenantType::int4 : TenantType::int2, inside.value);
  return value ? Argument{Argument::Kind::text, std::move(*value)} : Argument{};
}

Argument argument_of(const Analysis& a, Ref node) {
  const Tree& tree = a.tree;
  if (tree.is(node, Kind::type_cast)) {
    const std::uint32_t type = oid_of(a, tree.child(node, tc_type));
    Argument inside = argument_of(a, tree.child(node, tc_arg));
    if (type == kOtherType || inside.kind == Argument::Kind::number) return {};
    return inside.kind == Argument::Kind::text ? cast_to(type, std::move(inside)) : inside;
  }
  if (!tree.is(node, Kind::constant)) return {};
  const Ref value = tree.child(node, 0);
  if (value == kNone) return {Argument::Kind::null, {}};
  if (tree.is(value, Kind::integer)) return {Argument::Kind::number, std::to_string(tree.number(value))};
  if (tree.text(value).size() > kArgumentBytesMax) return {};
  if (tree.is(value, Kind::float_)) {
    auto number = canonical(TenantType::int8, tree.text(value));  // not 1e2
    return number ? Argument{Argument::Kind::number, std::move(*number)} : Argument{};
  }
  if (tree.is(value, Kind::string)) return {Argument::Kind::text, std::string(tree.text(value))};
  return {};
}

bool walk_execute(Analysis& a, Ref node) {
  const Level nothing;
  QueryWalk walk(a);
  if (!walk.expression(a.tree.child(node, ex_args), nothing, nullptr)) return false;
  NameUse use;
  use.verb = NameUse::Verb::execute;
  use.name = std::string(a.tree.text(node));
  for (const Ref argument : a.tree.children(a.tree.child(node, ex_args)))
    use.arguments.push_back(argument_of(a, argument));
  a.facts.kind = StatementKind::execute;
  a.facts.names.push_back(std::move(use));
  finish_facts(a);
  return true;
}

// EXPLAIN (ANALYZE false) plans only.
bool runs(const Tree& tree, Ref options) {
  const auto children = tree.children(options);
  return std::any_of(children.begin(), children.end(), [&](Ref option) { return tree.text(option) == "analyze"; });
}

bool walk_explain(Analysis& a, Ref node) {
  if (!a.may(StatementClass::explain))
    return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  const Ref options = a.tree.child(node, ep_options);
  for (const Ref option : a.tree.children(options)) {
    const std::string_view name = a.tree.text(option);
    bool known = false;
    for (const std::string_view allowed : {"analyze", "verbose", "costs", "settings", "generic_plan", "buffers", "wal",
                                           "timing", "summary", "memory", "serialize", "format"})
      known = known || name == allowed;
    if (!known) return a.refuse(Refusal::not_supported);
  }
  const Ref query = a.tree.child(node, ep_query);
  const bool named = a.tree.is(query, Kind::execute);
  if (!(named ? walk_execute(a, query) : walk_query_statement(a, query))) return false;
  a.facts.kind = StatementKind::explain;
  a.facts.writes = a.facts.writes && runs(a.tree, options);
  return true;
}

// A procedure that the policy names; what it reads and changes is its own affair, and recorded as such.
bool walk_call(Analysis& a, Ref node) {
  const Level nothing;
  QueryWalk walk(a);
  if (!walk.expression(a.tree.child(node, 0), nothing, nullptr)) return false;
  a.facts.kind = StatementKind::call;
  finish_facts(a);
  a.facts.touches_phi = true;
  a.facts.writes = true;
  return true;
}

bool use_cursor(Analysis& a, Ref node, StatementKind kind, NameUse::Verb verb) {
  NameUse use;
  use.verb = verb;
  use.name = std::string(a.tree.text(node));
  a.facts.kind = kind;
  a.facts.names.push_back(std::move(use));
  return true;
}

}  // namespace

bool is_named(Kind kind) {
  return kind >= Kind::declare_cursor && kind <= Kind::set_constraints;
}

bool walk_named(Analysis& a, Ref node) {
  switch (a.tree.kind(node)) {
    case Kind::declare_cursor:
      return walk_declare(a, node);
    case Kind::fetch: {
      const bool moves = (a.tree.number(node) & 255) != 0;
      return use_cursor(a, node, moves ? StatementKind::move : StatementKind::fetch, NameUse::Verb::fetch);
    }
    case Kind::close_cursor:
      return use_cursor(a, node, StatementKind::close,
                        a.tree.number(node) != 0 ? NameUse::Verb::close_all : NameUse::Verb::close);
    case Kind::prepare:
      return walk_prepare(a, node);
    case Kind::execute:
      return walk_execute(a, node);
    case Kind::explain:
      return walk_explain(a, node);
    case Kind::call:
      return walk_call(a, node);
    case Kind::set_constraints:
      a.facts.kind = StatementKind::set_constraints;
      return true;
    default:
      return a.refuse(Refusal::not_supported);
  }
}

}  // namespace pgward::policy::sql
