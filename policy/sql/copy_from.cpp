#include "policy/sql/copy_from.h"

#include <algorithm>

#include "policy/sql/tenant_write.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

class CopyFrom {
 public:
  CopyFrom(QueryWalk& walk, Ref node) : walk_(walk), a_(walk.analysis()), tree_(a_.tree), node_(node) {}

  bool run() {
    const Ref range_var = tree_.child(node_, cp_relation);
    if ((tree_.number(node_) & (kCopyProgram | kCopyFile)) != 0 || range_var == kNone)
      return a_.refuse(Refusal::not_supported);
    if (!a_.may(StatementClass::insert))
      return a_.refuse(Refusal::statement_not_allowed, {}, a_.question.role.place);
    Level level;
    level.items.emplace_back();
    // Rows go into the table itself, or into its partitions; never into other children.
    if (!walk_.target(range_var, 'C', level.items.front())) return false;
    const Protection& protection = *level.items.front().protection;
    const Relation& relation = *protection.relation;
    const bool plain =
        relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table;
    if (!plain && !a_.when_run) return a_.refuse(Refusal::not_supported, relation.name.text());
    if (!walk_.expression(tree_.child(node_, cp_where), level, nullptr)) return false;

    CopyIn copy;
    copy.relation = relation.name;
    if (protection.tenant.empty()) return finish(std::move(copy));
    if (!read_copy_from_options(tree_, tree_.child(node_, cp_options), a_.catalog.server_version_num, copy))
      return a_.refuse(Refusal::not_supported, relation.name.text());
    return columns(protection, copy) && finish(std::move(copy));
  }

 private:
  bool finish(CopyIn copy) {
    a_.facts.copy_in = std::make_shared<const CopyIn>(std::move(copy));
    return true;
  }

  bool columns(const Protection& protection, CopyIn& copy) {
    const Relation& relation = *protection.relation;
    std::vector<std::string> names = parts_of(tree_, tree_.child(node_, cp_columns));
    if (names.empty()) {
      for (const Column& column : relation.columns)
        if (!column.generated) names.push_back(column.name);
      if (!write_out(names)) return false;
    }
    copy.fields = names.size();
    for (const TenantPair& pair : protection.tenant) {
      const auto found = std::find(names.begin(), names.end(), pair.column);
      if (std::count(names.begin(), names.end(), pair.column) > 1)
        return a_.refuse(Refusal::not_supported, relation.name.text());
      if (found == names.end()) {
        // Rows are not made longer: where the default is not the tenant's, the column has to be copied.
        if (!default_is_tenant(a_, protection, pair))
          a_.refuse_when_run(Refusal::missing_tenant, relation.name.text(), pair.place);
        continue;
      }
      const TenantAttribute& attribute = a_.policy.tenant[pair.attribute];
      copy.tenant.push_back({static_cast<std::size_t>(found - names.begin()), attribute.name, attribute.type});
      a_.facts.enforcements.push_back({relation.name, relation.name.name, pair.column, attribute.name,
                                       Enforcement::How::copied_rows, pair.place});
    }
    std::sort(copy.tenant.begin(), copy.tenant.end(),
              [](const auto& a, const auto& b) { return a.field < b.field; });
    for (std::size_t i = 1; i < copy.tenant.size(); ++i)
      if (copy.tenant[i].field == copy.tenant[i - 1].field)
        return a_.refuse(Refusal::not_supported, relation.name.text());
    for (const std::string& name : names)
      a_.touch(protection, 'C', relation.column(name) != nullptr ? name : "*");
    return true;
  }

  // Between catalog and server a column may come or go: then the list is an error, and not another order.
  bool write_out(const std::vector<std::string>& names) {
    const Ref range_var = tree_.child(node_, cp_relation);
    const Range range = a_.layout.relation_name(a_.layout.at(tree_.at(range_var)));
    if (names.empty() || range.first >= a_.layout.size() || range.last > a_.layout.size())
      return a_.refuse(Refusal::unproven);
    std::string list;
    std::vector<Ref> items;
    for (const std::string& name : names) {
      list += (list.empty() ? " (" : ", ") + quote_identifier(name);
      items.push_back(tree_.string(name));
    }
    a_.changes.insert(a_.layout.end_of(range.last - 1), Rank::append_from, {list + ")"});
    tree_.set(node_, cp_columns, tree_.add(Kind::list, -1, {}, 0, items));
    return true;
  }

  QueryWalk& walk_;
  Analysis& a_;
  Tree& tree_;
  Ref node_;
};

}  // namespace

bool walk_copy_from(QueryWalk& walk, Ref node) {
  return CopyFrom(walk, node).run();
}

bool copy_checks_column(const Tree& tree, Ref columns, const CopyIn& copy, std::string_view column,
                        const TenantAttribute& attribute) {
  if (copy.fields != tree.count(columns)) return false;
  return std::any_of(copy.tenant.begin(), copy.tenant.end(), [&](const CopyTenantField& each) {
    return each.field < copy.fields && tree.text(tree.child(columns, each.field)) == column &&
           each.attribute == attribute.name && each.type == attribute.type;
  });
}

}  // namespace pgward::policy::sql
