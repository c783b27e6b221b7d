#include "policy/sql/assignments.h"

#include "policy/sql/tenant_write.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr std::int64_t kColumnNumber = 100000;  // multi_assign's number: column number * this + columns

// (a, b) = (x, y) is one item of the text and several targets of the tree.
std::size_t text_item_of(const Tree& tree, Ref targets, std::size_t wanted) {
  std::size_t item = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    const Ref value = tree.child(tree.child(targets, i + 1), rt_value);
    if (!tree.is(value, Kind::multi_assign) || tree.number(value) / kColumnNumber == 1) ++item;
  }
  return item;
}

// The expression after = in the n-th item of a SET list.
Range expression_of(const Layout& layout, Range list, std::size_t wanted) {
  if (list.first == kNowhere) return {};
  const std::vector<Range> items = layout.split(list.first, list.last);
  if (wanted >= items.size()) return {};
  const std::size_t equals =
      layout.find(items[wanted].first, [&](std::size_t i) { return layout.operator_is(i, "="); });
  if (equals == kNowhere || equals + 1 >= items[wanted].last) return {};
  return {equals + 1, items[wanted].last};
}

// The value for one target: its own, or its field of a row that several targets share.
Ref shared_value(const Tree& tree, Ref targets, std::size_t index) {
  const Ref value = tree.child(tree.child(targets, index), rt_value);
  const std::size_t number = static_cast<std::size_t>(tree.number(value) / kColumnNumber);
  if (number == 0 || number > index + 1) return kNone;
  const Ref source = tree.child(tree.child(tree.child(targets, index + 1 - number), rt_value), 0);
  return tree.is(source, Kind::row) ? tree.child(tree.child(source, 0), number - 1) : kNone;
}

}  // namespace

Range set_items(const Layout& layout, std::size_t set) {
  if (set == kNowhere) return {};
  std::size_t last = set + 1;
  while (!layout.ends_from(last) && !layout.clause_from(last)) last = layout.next(last);
  return {set + 1, last};
}

void touch_assigned(Analysis& a, const Protection& protection, char action, Ref targets) {
  for (std::size_t i = 0; i < a.tree.count(targets); ++i) {
    const std::string name(a.tree.text(a.tree.child(targets, i)));
    if (protection.relation->column(name) != nullptr) a.touch(protection, action, name);
  }
}

bool judge_assignments(Analysis& a, const Protection& protection, const Level& level, Ref targets,
                       const std::function<Range()>& items) {
  Tree& tree = a.tree;
  for (std::size_t i = 0; i < tree.count(targets); ++i) {
    const Ref target = tree.child(targets, i);
    for (const TenantPair& pair : protection.tenant) {
      if (tree.text(target) != pair.column) continue;
      if (tree.child(target, rt_indirection) != kNone)
        return a.refuse(Refusal::not_supported, protection.relation->name.text());
      WrittenValue value{pair, protection, &level, tree.child(target, rt_value), {}};
      const bool shared = tree.is(value.node, Kind::multi_assign);
      if (shared) value.node = shared_value(tree, targets, i);
      if (value.node == kNone) return a.refuse(Refusal::not_supported, protection.relation->name.text());
      if (!shared) value.text = expression_of(a.layout, items(), text_item_of(tree, targets, i));
      Ref replacement = kNone;
      const Written written = judge_written(a, value, replacement);
      if (written == Written::refused) return false;
      if (written == Written::replaced) tree.set(target, rt_value, replacement);
    }
  }
  return true;
}

}  // namespace pgward::policy::sql
