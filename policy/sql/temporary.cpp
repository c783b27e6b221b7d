#include "policy/sql/temporary.h"

#include <algorithm>

#include "policy/sql/ddl.h"
#include "policy/sql/facts.h"
#include "policy/sql/named.h"
#include "policy/sql/protect.h"
#include "policy/sql/query.h"
#include "policy/sql/statement.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool not_allowed(Analysis& a) {
  return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
}

// Indexes and sequences of a table are relations, too: name_pkey, name_column_key, name_column_seq, with both
// parts cut where that would be longer than 63 bytes.
bool could_be_derived(std::string_view relation, const std::string& name) {
  constexpr std::size_t kCut = 58;
  constexpr std::size_t kKept = 16;
  if (relation.starts_with(name + "_")) return true;
  return relation.size() > kCut && relation.substr(0, kKept) == std::string_view(name).substr(0, kKept);
}

// Functions and triggers of the database look bare names up in pg_temp first: relations, and types, since every
// table has one of its name.
bool hides(const Analysis& a, const std::string& name, bool with_derived) {
  if (a.catalog.types.contains(name) || a.catalog.types.contains("_" + name)) return true;
  return std::any_of(a.catalog.relations.begin(), a.catalog.relations.end(), [&](const auto& entry) {
    return entry.first.name == name || (with_derived && could_be_derived(entry.first.name, name));
  });
}

bool make(Analysis& a, Ref range_var, bool with_derived) {
  const std::string name(a.tree.text(range_var));
  if (!is_temporary(a.tree, range_var)) return not_allowed(a);
  if (hides(a, name, with_derived)) return a.refuse(Refusal::temporary_name);
  a.temporary.insert(name);
  a.facts.makes_temporary = name;
  a.facts.writes = true;
  a.facts.reads_only = false;
  return true;
}

bool walk_create_as(Analysis& a, Ref node) {
  const Ref query = a.tree.child(node, cr_query);
  const Ref into = a.tree.child(node, cr_into);
  if (!is_temporary(a.tree, a.tree.child(into, to_relation))) return not_allowed(a);
  const bool named = a.tree.is(query, Kind::execute);
  if (!(named ? walk_named(a, query) : walk_query_statement(a, query))) return false;
  a.facts.kind = StatementKind::create_table_as;
  return make(a, a.tree.child(into, to_relation), false);
}

bool makes_relations(const Tree& tree, Ref element) {
  if (tree.is(element, Kind::constraint)) {
    const std::int64_t type = tree.number(element) & 255;
    return type == kConstraintPrimary || type == kConstraintUnique;
  }
  const std::vector<std::string> type = parts_of(tree, tree.child(tree.child(element, co_type), 0));
  if (!type.empty() && type.back().find("serial") != std::string::npos) return true;
  const auto constraints = tree.children(tree.child(element, co_constraints));
  return std::any_of(constraints.begin(), constraints.end(), [&](Ref one) { return makes_relations(tree, one); });
}

bool walk_create_table(Analysis& a, Ref node) {
  QueryWalk walk(a);
  const Level nothing;
  bool derived = false;
  const auto check = [&](Ref constraint) { return walk.expression(a.tree.child(constraint, cn_expression), nothing, nullptr); };
  const Ref elements = a.tree.child(node, ct_elements);
  for (std::size_t i = 0; i < a.tree.count(elements); ++i) {
    const Ref element = a.tree.child(elements, i);
    derived = derived || makes_relations(a.tree, element);
    if (a.tree.is(element, Kind::constraint)) {
      if (!check(element)) return false;
      continue;
    }
    const Ref constraints = a.tree.child(element, co_constraints);
    for (std::size_t k = 0; k < a.tree.count(constraints); ++k)
      if (!check(a.tree.child(constraints, k))) return false;
  }
  a.facts.kind = StatementKind::create_table;
  finish_facts(a);
  return make(a, a.tree.child(node, ct_relation), derived);
}

bool known_anywhere(const Analysis& a, const std::string& name) {
  return std::any_of(a.catalog.relations.begin(), a.catalog.relations.end(),
                     [&](const auto& entry) { return entry.first.name == name; });
}

// The grammar keeps no places of these names: they are the first tokens between commas.
bool walk_drop_table(Analysis& a, Ref node) {
  const Layout& layout = a.layout;
  std::size_t first = layout.first_from(a.statement_at) + 2;
  if (layout.word(first, "if") && layout.word(first + 1, "exists")) first += 2;
  std::size_t last = first;
  while (!layout.ends_scope(last) && !layout.word(last, "cascade") && !layout.word(last, "restrict")) ++last;
  const std::vector<Range> items = layout.split(first, last);
  const Ref names = a.tree.child(node, dr_names);
  const auto of_session = [&](Ref name) {
    const std::vector<std::string> parts = parts_of(a.tree, name);
    return parts.size() == 2 ? parts[0] == kTemporarySchema : temporary_relation(a, parts.back()) != nullptr;
  };
  const auto all = a.tree.children(names);
  if (may_change_schema(a.question.role) && std::none_of(all.begin(), all.end(), of_session))
    return walk_ddl_drop_table(a, node);
  if (items.size() != a.tree.count(names)) return a.refuse(Refusal::unproven);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::vector<std::string> parts = parts_of(a.tree, a.tree.child(names, i));
    if (parts.size() == 2 && parts[0] == kTemporarySchema) continue;
    // What the database has is not theirs to drop; what it does not have can be in pg_temp only.
    if (parts.size() != 1 || (temporary_relation(a, parts[0]) == nullptr && known_anywhere(a, parts[0])))
      return not_allowed(a);
    a.changes.insert(layout.begin_of(items[i].first), Rank::open, {std::string(kTemporarySchema) + "."});
    a.tree.set(names, i, a.tree.strings({kTemporarySchema, parts[0]}));
  }
  a.facts.kind = StatementKind::drop_table;
  return true;
}

bool walk_truncate(Analysis& a, Ref node) {
  const Ref relations = a.tree.child(node, tr_relations);
  for (std::size_t i = 0; i < a.tree.count(relations); ++i) {
    const Ref range_var = a.tree.child(relations, i);
    const Ref schema = a.tree.child(range_var, rv_schema);
    const bool elsewhere = schema != kNone && a.tree.text(schema) != kTemporarySchema;
    if (elsewhere || temporary_relation(a, std::string(a.tree.text(range_var))) == nullptr) return not_allowed(a);
    if (resolve_relation(a, range_var) == nullptr) return false;
  }
  a.facts.kind = StatementKind::truncate;
  return true;
}

}  // namespace

const Relation* temporary_relation(Analysis& a, const std::string& name) {
  const std::vector<std::string>* before = a.question.temporary;
  const bool known = a.temporary.contains(name) ||
                     (before != nullptr && std::binary_search(before->begin(), before->end(), name));
  if (!known) return nullptr;
  Relation& relation = a.temporary_relations[name];
  relation.name = {kTemporarySchema, name};
  return &relation;
}

bool is_temporary(const Tree& tree, Ref range_var) {
  const Ref schema = tree.child(range_var, rv_schema);
  if (schema != kNone) return tree.text(schema) == kTemporarySchema;
  return ((tree.number(range_var) >> 8) & 255) == 't' && tree.child(range_var, rv_catalog) == kNone;
}

bool is_of_temporary(Kind kind) {
  return kind == Kind::create_as || kind == Kind::create_table || kind == Kind::drop_table || kind == Kind::truncate;
}

bool walk_temporary(Analysis& a, Ref node) {
  switch (a.tree.kind(node)) {
    case Kind::create_as:
      return walk_create_as(a, node);
    case Kind::create_table:
      return walk_create_table(a, node);
    case Kind::drop_table:
      return walk_drop_table(a, node);
    case Kind::truncate:
      return walk_truncate(a, node);
    default:
      return a.refuse(Refusal::not_supported);
  }
}

}  // namespace pgward::policy::sql
