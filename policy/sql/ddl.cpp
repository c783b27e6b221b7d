#include "policy/sql/ddl.h"

#include <algorithm>

#include "policy/sql/facts.h"
#include "policy/sql/query.h"
#include "policy/sql/temporary.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool not_allowed(Analysis& a, const RelationName& name = {}) {
  return a.refuse(Refusal::statement_not_allowed, name.name.empty() ? std::string() : name.text(), a.question.role.place);
}

// Some relation of that name is in the policy, in this schema or, for a bare name, in any.
bool listed_name(const Analysis& a, std::string_view schema, std::string_view name) {
  return std::any_of(a.policy.tables.begin(), a.policy.tables.end(), [&](const auto& table) {
    return table.first.name == name && (schema.empty() || table.first.schema == schema);
  });
}

std::string_view schema_of(const Analysis& a, Ref range_var) {
  const Ref schema = a.tree.child(range_var, rv_schema);
  return schema == kNone ? std::string_view() : a.tree.text(schema);
}

bool opened_column(const Analysis& a, const Relation& relation, const std::string& column) {
  const auto opened = a.question.role.opens.find(relation.name);
  return opened != a.question.role.opens.end() && opened->second.columns.contains(column);
}

class SchemaChange {
 public:
  SchemaChange(Analysis& a, Ref node) : a_(a), node_(node), range_var_(a.tree.child(node, dd_relation)) {}

  bool run() {
    const auto verb = static_cast<DdlVerb>(a_.tree.number(node_));
    if (range_var_ != kNone && belongs_to_server(schema_of(a_, range_var_))) return not_allowed(a_);
    bool allowed = true;
    if (verb == DdlVerb::create)
      allowed = creates(a_.tree.text(range_var_));
    else if (verb != DdlVerb::plain)
      allowed = find() && (verb != DdlVerb::rename || renames()) && (verb != DdlVerb::alter || alters());
    return allowed && expressions() && finish(verb);
  }

 private:
  // A new relation must not stand in the place of one that the policy protects.
  bool creates(std::string_view name) {
    return !listed_name(a_, schema_of(a_, range_var_), name) || not_allowed(a_, {"", std::string(name)});
  }

  bool find() {
    const std::string name(a_.tree.text(range_var_));
    const std::string_view schema = schema_of(a_, range_var_);
    if (schema.empty() && (a_.question.search_path == nullptr || !a_.path_settled))
      return a_.refuse(Refusal::search_path_unsettled);
    if (schema.empty() && temporary_relation(a_, name) != nullptr) return a_.refuse(Refusal::not_supported);
    relation_ = schema.empty() ? a_.catalog.resolve(name, *a_.question.search_path)
                               : a_.catalog.find({std::string(schema), name});
    if (relation_ == nullptr) return !listed_name(a_, schema, name) || a_.refuse(Refusal::unknown_relation);
    if (belongs_to_server(relation_->name.schema)) return not_allowed(a_, relation_->name);
    return resolve_relation(a_, range_var_) != nullptr;
  }

  bool renames() {
    const std::string_view to = a_.tree.text(a_.tree.child(a_.tree.child(node_, dd_names), 0));
    if (relation_ != nullptr && !rules_around(a_.policy, a_.catalog, *relation_).empty())
      return not_allowed(a_, relation_->name);
    return creates(to);
  }

  // Columns on which a rule of the policy rests stay what they are.
  bool alters() {
    if (relation_ == nullptr) return true;
    const Ref names = a_.tree.child(node_, dd_names);
    for (const TableRule* rule : rules_around(a_.policy, a_.catalog, *relation_))
      for (const Ref name : a_.tree.children(names))
        if (names_column(*rule, std::string(a_.tree.text(name)))) return not_allowed(a_, relation_->name);
    return true;
  }

  bool expressions() {
    Level level;
    Protection protection;
    if (relation_ != nullptr) {
      protection.relation = relation_;
      for (const TableRule* rule : rules_around(a_.policy, a_.catalog, *relation_))
        for (const Column& column : relation_->columns)
          if (rule->phi_kind(column.name) != nullptr && !opened_column(a_, *relation_, column.name))
            protection.columns.emplace(column.name, &kClosedColumn);
      FromItem item;
      item.name = relation_->name.name;
      item.node = range_var_;
      item.protection = &protection;
      for (const Column& column : relation_->columns) item.columns.names.push_back(column.name);
      item.columns.complete = true;
      level.items.push_back(std::move(item));
    }
    QueryWalk walk(a_);
    return walk.expression(a_.tree.child(node_, dd_expressions), level, nullptr);
  }

  bool finish(DdlVerb verb) {
    finish_facts(a_);
    a_.facts.kind = StatementKind::ddl;
    a_.facts.touches_phi = a_.facts.writes = true;
    a_.facts.reads_only = false;
    if (range_var_ == kNone) return true;
    Touch touch;
    touch.relation = relation_ != nullptr ? relation_->name
                                          : RelationName{std::string(schema_of(a_, range_var_)), std::string(a_.tree.text(range_var_))};
    touch.action = verb == DdlVerb::create ? 'C' : 'U';
    touch.all_columns = true;
    a_.facts.touches.push_back(std::move(touch));
    return true;
  }

  Analysis& a_;
  Ref node_;
  Ref range_var_;
  const Relation* relation_ = nullptr;
};

}  // namespace

bool may_change_schema(const Role& role) { return !role.bound && role.may.contains(StatementClass::ddl); }

bool walk_ddl(Analysis& a, Ref node) {
  return may_change_schema(a.question.role) ? SchemaChange(a, node).run() : not_allowed(a);
}

// Gone is gone; CASCADE could take policies of other tables along.
bool walk_ddl_drop_table(Analysis& a, Ref node) {
  constexpr std::int64_t kCascade = 1;
  if (!may_change_schema(a.question.role) || ((a.tree.number(node) >> 8) & 255) == kCascade) return not_allowed(a);
  for (const Ref name : a.tree.children(a.tree.child(node, dr_names))) {
    const std::vector<std::string> parts = parts_of(a.tree, name);
    if (parts.size() > 2 || parts.empty() || (parts.size() == 2 && belongs_to_server(parts[0]))) return not_allowed(a);
    Touch touch;
    touch.relation = {parts.size() == 2 ? parts[0] : std::string(), parts.back()};
    touch.action = 'D';
    touch.all_columns = true;
    a.facts.touches.push_back(std::move(touch));
  }
  a.facts.kind = StatementKind::ddl;
  a.facts.touches_phi = a.facts.writes = true;
  a.facts.reads_only = false;
  return true;
}

}  // namespace pgward::policy::sql
