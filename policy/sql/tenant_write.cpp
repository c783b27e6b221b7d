#include "policy/sql/tenant_write.h"

#include "policy/sql/functions.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

class Judge {
 public:
  Judge(Analysis& analysis, const WrittenValue& value)
      : a_(analysis),
        value_(value),
        tree_(analysis.tree),
        attribute_(analysis.policy.tenant[value.pair.attribute]) {}

  Written run(Ref& replacement) {
    const Ref bare = without_cast(value_.node);
    if (tree_.is(value_.node, Kind::set_to_default)) return defaulted(replacement);
    if (tree_.is(bare, Kind::constant)) return literal(bare);
    if (tree_.is(bare, Kind::param)) return parameter(bare);
    if (is_setting(bare) || is_own_column()) return Written::as_it_is;
    return guard(replacement);
  }

 private:
  // 'x'::uuid and $1::uuid are looked through when the type is the column's own, without modifier.
  Ref without_cast(Ref node) const {
    if (!tree_.is(node, Kind::type_cast)) return node;
    const Ref type = tree_.child(node, tc_type);
    if (tree_.child(type, tn_typmods) != kNone || tree_.child(type, tn_bounds) != kNone ||
        tree_.number(type) != -4)
      return node;
    const std::vector<std::string> names = parts_of(tree_, tree_.child(type, tn_names));
    const bool schema_fits =
        names.size() == 1 ? uuid_is_built_in() : names.size() == 2 && names[0] == "pg_catalog";
    return schema_fits && names.back() == value_.pair.type ? tree_.child(node, tc_arg) : node;
  }

  // `uuid` and `text` are no words of the grammar: a bare one is looked up along the search_path.
  bool uuid_is_built_in() const { return a_.catalog.types.count(value_.pair.type) <= 1; }

  Written refuse(Refusal reason) const {
    a_.refuse(reason, value_.protection.relation->name.text(), value_.pair.place);
    return Written::refused;
  }

  Written foreign() const {
    a_.refuse_when_run(Refusal::foreign_tenant, value_.protection.relation->name.text(), value_.pair.place);
    return Written::as_it_is;
  }

  // A number written into a text column is stored in the server's spelling, not in this one.
  bool text_like() const {
    return attribute_.type == TenantType::text || attribute_.type == TenantType::varchar;
  }

  Written literal(Ref constant) {
    const Ref value = tree_.child(constant, 0);
    if (value == kNone) return foreign();  // NULL is nobody's
    std::string text;
    if (tree_.is(value, Kind::string))
      text = std::string(tree_.text(value));
    else if (tree_.is(value, Kind::integer))
      text = std::to_string(tree_.number(value));
    else if (tree_.is(value, Kind::float_) && !text_like())
      text = std::string(tree_.text(value));
    else
      return foreign();
    const auto canonical_text = canonical(attribute_.type, text);
    if (!canonical_text) return foreign();
    a_.plan.literal_checks.push_back({*canonical_text, attribute_.name, value_.protection.relation->name});
    return Written::as_it_is;
  }

  Written parameter(Ref param) {
    a_.plan.bind_checks.push_back({static_cast<unsigned>(tree_.number(param)), attribute_.name,
                                   attribute_.type, value_.protection.relation->name});
    return Written::as_it_is;
  }

  Written defaulted(Ref& replacement) {
    if (default_is_tenant(a_, value_.protection, value_.pair)) return Written::as_it_is;
    if (!may_fill(a_, value_.protection, value_.pair)) return Written::refused;
    if (a_.when_run) return Written::as_it_is;  // nothing will be forwarded as rewritten
    if (value_.text.first == kNowhere) return refuse(Refusal::not_supported);
    const std::size_t from = a_.layout.begin_of(value_.text.first);
    a_.changes.replace(from, a_.layout.end_of(value_.text.last - 1) - from, Rank::open,
                       literal_text(value_.pair));
    replacement = literal_node(a_, value_.pair);
    note(Enforcement::How::insert_value);
    return Written::replaced;
  }

  // current_setting('app.tenant_id')::uuid: the setting is locked, so it is the caller's.
  bool is_setting(Ref node) const {
    if (!tree_.is(node, Kind::func_call) || tree_.child(node, f_order) != kNone ||
        tree_.child(node, f_filter) != kNone || tree_.child(node, f_over) != kNone)
      return false;
    const std::vector<std::string> name = parts_of(tree_, tree_.child(node, f_name));
    const Ref args = tree_.child(node, f_args);
    const Ref first = tree_.child(args, 0);
    if (name.empty() || name.back() != "current_setting" ||
        (tree_.count(args) != 1 && tree_.count(args) != 2))
      return false;
    const FunctionVerdict verdict = judge_function(a_.policy, a_.catalog, name);
    if (!verdict.allowed || !verdict.all_built_in) return false;
    const Ref text = tree_.is(first, Kind::constant) ? tree_.child(first, 0) : kNone;
    return tree_.is(text, Kind::string) && equal_ignoring_case(tree_.text(text), attribute_.setting);
  }

  // A tenant column of a relation that carries the same attribute's predicate at this very level, and
  // that no outer join can turn into NULL.
  bool is_own_column() const {
    if (value_.level == nullptr || !tree_.is(value_.node, Kind::column_ref)) return false;
    bool star = false;
    const std::vector<std::string> fields = parts_of(tree_, tree_.child(value_.node, 0), &star);
    if (star || fields.empty()) return false;
    const std::vector<Resolved> found = resolve_column(value_.level, fields, false);
    if (found.size() != 1 || !found[0].certain || found[0].whole_row) return false;
    const FromItem& item = *found[0].item;
    bool at_this_level = false;
    for (const FromItem& candidate : value_.level->items)
      at_this_level = at_this_level || &candidate == &item;
    if (!at_this_level || !item.is_protected() || item.nullable || item.renamed) return false;
    for (const TenantPair& pair : item.protection->tenant)
      if (pair.column == fields.back() && pair.attribute == value_.pair.attribute &&
          pair.type == value_.pair.type)
        return true;
    return false;
  }

  Written guard(Ref& replacement) {
    if (value_.text.first == kNowhere) return refuse(Refusal::not_supported);
    a_.changes.insert(a_.layout.begin_of(value_.text.first), Rank::open_guard, guard_before());
    a_.changes.insert(a_.layout.end_of(value_.text.last - 1), Rank::close_guard, guard_after(value_.pair));
    replacement = guard_node(a_, value_.pair, value_.node);
    note(Enforcement::How::assignment_guard);
    return Written::replaced;
  }

  void note(Enforcement::How how) {
    a_.facts.enforcements.push_back({value_.protection.relation->name, value_.protection.relation->name.name,
                                     value_.pair.column, attribute_.name, how, value_.pair.place});
  }

  Analysis& a_;
  const WrittenValue& value_;
  Tree& tree_;
  const TenantAttribute& attribute_;
};

}  // namespace

Written judge_written(Analysis& analysis, const WrittenValue& value, Ref& replacement) {
  return Judge(analysis, value).run(replacement);
}

bool default_is_tenant(const Analysis& analysis, const Protection& protection, const TenantPair& pair) {
  const Column* column = protection.relation->column(pair.column);
  if (column == nullptr || column->default_expr.empty()) return false;
  // As pg_get_expr writes it: (current_setting('app.tenant_id'::text))::uuid. The whole expression, not
  // a mention in it.
  const std::string call = "current_setting('" + analysis.policy.tenant[pair.attribute].setting + "'::text)";
  const std::string cast = "(" + call + ")::" + column->type;
  return column->default_expr == call || column->default_expr == cast;
}

bool may_fill(Analysis& analysis, const Protection& protection, const TenantPair& pair) {
  if (protection.rule->missing_tenant == MissingTenant::fill) return true;
  return analysis.refuse_when_run(Refusal::missing_tenant, protection.relation->name.text(), pair.place);
}

}  // namespace pgward::policy::sql
