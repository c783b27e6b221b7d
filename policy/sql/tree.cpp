#include "policy/sql/tree.h"

#include <utility>

namespace pgward::policy::sql {

Tree::Tree() {
  nodes_.emplace_back();
}  // kNone

Ref Tree::add(Kind kind, std::int32_t at, std::string_view text, std::int64_t number,
              std::span<const Ref> children) {
  TreeNode node;
  node.kind = kind;
  node.at = at;
  node.number = number;
  node.children = static_cast<std::uint32_t>(links_.size());
  node.count = static_cast<std::uint32_t>(children.size());
  node.text = static_cast<std::uint32_t>(pool_.size());
  node.text_size = static_cast<std::uint32_t>(text.size());
  links_.insert(links_.end(), children.begin(), children.end());
  pool_.append(text);
  nodes_.push_back(node);
  return static_cast<Ref>(nodes_.size() - 1);
}

Ref Tree::add(Kind kind, std::initializer_list<Ref> children, std::string_view text, std::int64_t number,
              std::int32_t at) {
  return add(kind, at, text, number, std::span<const Ref>(children.begin(), children.size()));
}

Ref Tree::strings(std::initializer_list<std::string_view> items) {
  std::vector<Ref> refs;
  for (const std::string_view item : items) refs.push_back(string(item));
  return add(Kind::list, -1, {}, 0, refs);
}

void Tree::is_constant(Ref value, std::int32_t at) {
  constants_.push_back({value, at});
  nodes_[value].constant = static_cast<std::uint32_t>(constants_.size());
}

void Tree::visit(Ref value) const {
  if (const std::uint32_t constant = nodes_[value].constant; constant != 0) constants_[constant - 1].visited = true;
}

Ref Tree::child(Ref node, std::size_t index) const {
  const TreeNode& it = nodes_[node];
  return index < it.count ? links_[it.children + index] : kNone;
}

std::span<const Ref> Tree::children(Ref node) const {
  const TreeNode& it = nodes_[node];
  return {links_.data() + it.children, it.count};
}

Ref Tree::appended(Ref old, Ref item) {
  std::vector<Ref> items(children(old).begin(), children(old).end());
  items.push_back(item);
  return add(Kind::list, -1, {}, 0, items);
}

namespace {

// `equal` for each pair of nodes, their children not included.
template <typename Equal>
bool all_pairs(const Tree& a, Ref in_a, const Tree& b, Ref in_b, Equal equal) {
  std::vector<std::pair<Ref, Ref>> todo{{in_a, in_b}};
  while (!todo.empty()) {
    const auto [x, y] = todo.back();
    todo.pop_back();
    if ((x == kNone) != (y == kNone)) return false;
    if (x == kNone) continue;
    if (a.kind(x) != b.kind(y) || a.count(x) != b.count(y) || !equal(x, y)) return false;
    for (std::size_t i = 0; i < a.count(x); ++i) todo.emplace_back(a.child(x, i), b.child(y, i));
  }
  return true;
}

}  // namespace

bool same(const Tree& a, Ref in_a, const Tree& b, Ref in_b) {
  return all_pairs(a, in_a, b, in_b,
                   [&](Ref x, Ref y) { return a.number(x) == b.number(y) && a.text(x) == b.text(y); });
}

bool same_unseen(const Tree& a, Ref in_a, const Tree& b, Ref in_b) {
  return all_pairs(a, in_a, b, in_b, [&](Ref x, Ref y) {
    return a.number_unseen(x) == b.number_unseen(y) && a.text_unseen(x) == b.text_unseen(y);
  });
}

void carry_looks(const Tree& from, Ref in_from, const Tree& to, Ref in_to) {
  all_pairs(from, in_from, to, in_to, [&](Ref x, Ref y) {
    const std::uint32_t constant = from.nodes_[x].constant;
    if (constant != 0 && from.constants_[constant - 1].looked_at) to.look(y);
    return true;
  });
}

std::string dump(const Tree& tree, Ref node) {
  if (node == kNone) return "-";
  std::string out = "(" + std::to_string(static_cast<int>(tree.kind(node)));
  if (tree.number(node) != 0) out += "#" + std::to_string(tree.number(node));
  if (!tree.text(node).empty()) out += " '" + std::string(tree.text(node)) + "'";
  for (const Ref item : tree.children(node)) out += " " + dump(tree, item);
  return out + ")";
}

}  // namespace pgward::policy::sql
