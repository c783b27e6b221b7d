#include "policy/sql/copy.h"

#include "policy/sql/copy_from.h"
#include "policy/sql/predicate.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

class CopyOut {
 public:
  CopyOut(QueryWalk& walk, Ref node) : walk_(walk), a_(walk.analysis()), tree_(a_.tree), node_(node) {}

  bool run() {
    if ((tree_.number(node_) & (kCopyProgram | kCopyFile)) != 0) return a_.refuse(Refusal::not_supported);
    if (!copy_options_allowed(tree_, tree_.child(node_, cp_options)))
      return a_.refuse(Refusal::not_supported);
    const Ref query = tree_.child(node_, cp_query);
    if (query == kNone) return table();
    Columns ignored;
    return walk_.query(query, nullptr, nullptr, ignored);
  }

 private:
  bool table() {
    const Ref range_var = tree_.child(node_, cp_relation);
    if (!a_.may(StatementClass::select))
      return a_.refuse(Refusal::statement_not_allowed, {}, a_.question.role.place);
    const Relation* relation = resolve_relation(a_, range_var);
    if (relation == nullptr) return false;
    // COPY of a table leaves its children out.
    const Protection* protection = protection_for(a_, *relation, 'R', false);
    if (protection == nullptr) return false;
    if (protection->tenant.empty() && protection->columns.empty()) return a_.touch(*protection, 'R', "*"), true;
    if (protection->tenant.empty()) return a_.refuse(Refusal::column_not_allowed, relation->name.text());
    // By name the server copies plain tables only; what the name means to it may have changed since.
    if (relation->kind != RelationKind::table) return a_.refuse(Refusal::not_supported, relation->name.text());
    if (names_generated_column(*relation)) return a_.refuse(Refusal::not_supported, relation->name.text());
    if (++a_.protected_references > kProtectedReferencesMax) return a_.refuse(Refusal::too_large);
    return select_instead(*protection, range_var);
  }

  // An error of COPY's, which a SELECT would not make.
  bool names_generated_column(const Relation& relation) const {
    for (const std::string& name : parts_of(tree_, tree_.child(node_, cp_columns)))
      if (const Column* column = relation.column(name); column != nullptr && column->generated) return true;
    return false;
  }

  // The columns that COPY writes: those of the list, or all but the generated ones.
  std::vector<std::string> columns(const Relation& relation) const {
    const Ref list = tree_.child(node_, cp_columns);
    if (list != kNone) return parts_of(tree_, list);
    std::vector<std::string> names;
    for (const Column& column : relation.columns)
      if (!column.generated) names.push_back(column.name);
    return names;
  }

  void touch(const Protection& protection, const std::vector<std::string>& names) {
    a_.touch(protection, 'R', {});
    for (const std::string& name : names) {
      if (mask_of(protection, name) != nullptr)
        a_.touch_masked(protection, name);
      else
        a_.touch(protection, 'R', protection.relation->column(name) != nullptr ? name : "*");
    }
  }

  static const ColumnRule* mask_of(const Protection& protection, const std::string& name) {
    const auto rule = protection.columns.find(name);
    const Column* column = protection.relation->column(name);
    const bool fits = rule != protection.columns.end() && column != nullptr &&
                      rule->second->mask != Mask::none && mask_fits(*rule->second, column->type);
    return fits ? rule->second : nullptr;
  }

  // From the name to the end of the list of columns, if there is one.
  bool place(Ref range_var, std::size_t& from, std::size_t& to) const {
    const Range range = a_.layout.relation_name(a_.layout.at(tree_.at(range_var)));
    if (range.first >= a_.layout.size() || range.last > a_.layout.size()) return false;
    std::size_t last = range.last - 1;
    if (tree_.child(node_, cp_columns) != kNone) {
      if (!a_.layout.is(range.last, '(') || a_.layout.match(range.last) == kNowhere) return false;
      last = a_.layout.match(range.last);
    }
    from = a_.layout.begin_of(range.first);
    to = a_.layout.end_of(last);
    return true;
  }

  bool select_instead(const Protection& protection, Ref range_var) {
    std::size_t from = 0;
    std::size_t to = 0;
    if (!place(range_var, from, to)) return a_.refuse(Refusal::unproven);
    // COPY BINARY t TO, as before 7.3: the grammar has it for tables only.
    if (const std::size_t name = a_.layout.at(tree_.at(range_var)); name > 0 && a_.layout.word(name - 1, "binary"))
      return a_.refuse(Refusal::not_supported);
    const Relation& relation = *protection.relation;
    const std::vector<std::string> names = columns(relation);
    touch(protection, names);
    const Reference reference{{relation.name.schema, relation.name.name}};
    // The schema that was put in front of the name goes with it.
    a_.changes.drop_inside(from, to);
    a_.changes.replace(from, to - from, Rank::open, select_text(protection, reference, names));
    tree_.set(node_, cp_relation, kNone);
    tree_.set(node_, cp_columns, kNone);
    tree_.set(node_, cp_query, select_node(protection, reference, names, range_var));
    for (const TenantPair& pair : protection.tenant)
      a_.facts.enforcements.push_back({relation.name, relation.name.name, pair.column,
                                       a_.policy.tenant[pair.attribute].name, Enforcement::How::subselect,
                                       pair.place});
    return true;
  }

  Pieces select_text(const Protection& protection, const Reference& reference,
                     const std::vector<std::string>& names) const {
    Pieces out;
    std::string list;
    for (const std::string& name : names) {
      list += list.empty() ? "" : ", ";
      if (const ColumnRule* rule = mask_of(protection, name))
        list += mask_text(*rule, *protection.relation->column(name), {name}) + " AS " + quote_identifier(name);
      else
        list += quote_identifier(name);
    }
    out += "(SELECT " + list + " FROM ONLY " + protection.relation->name.sql() + " WHERE ";
    for (std::size_t i = 0; i < protection.tenant.size(); ++i) {
      if (i > 0) out += " AND ";
      out += predicate_text(reference, protection.tenant[i]);
    }
    out += ")";
    return out;
  }

  Ref select_node(const Protection& protection, const Reference& reference,
                  const std::vector<std::string>& names, Ref range_var) {
    std::vector<Ref> targets;
    for (const std::string& name : names) {
      const ColumnRule* rule = mask_of(protection, name);
      const Ref value = rule != nullptr
                            ? mask_node(tree_, *rule, *protection.relation->column(name), {name})
                            : tree_.add(Kind::column_ref, {tree_.strings({name})});
      targets.push_back(tree_.add(Kind::res_target, {kNone, value}, rule != nullptr ? name : std::string()));
    }
    const RelationName& name = protection.relation->name;
    // The low byte off: ONLY.
    const Ref from = tree_.add(Kind::range_var, {kNone, tree_.string(name.schema), kNone}, name.name,
                               tree_.number(range_var) & ~std::int64_t{255});
    std::vector<Ref> predicates;
    for (const TenantPair& pair : protection.tenant)
      predicates.push_back(predicate_node(a_, reference, pair));
    const Ref list = targets.empty() ? kNone : tree_.add(Kind::list, -1, {}, 0, targets);
    return tree_.add(Kind::select,
                     {kNone, list, tree_.list({from}), conjunction(tree_, predicates, kNone), kNone, kNone,
                      kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone});
  }

  QueryWalk& walk_;
  Analysis& a_;
  Tree& tree_;
  Ref node_;
};

}  // namespace

bool walk_copy(QueryWalk& walk, Ref node) {
  if ((walk.analysis().tree.number(node) & kCopyFrom) != 0) return walk_copy_from(walk, node);
  return CopyOut(walk, node).run();
}

}  // namespace pgward::policy::sql
