#include "policy/sql/fence_text.h"

#include "policy/sql/fence.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// The server counts the words END and AND inside CASE and BETWEEN as theirs.
std::vector<Range> split_at_and(const Layout& layout, Range whole) {
  std::vector<Range> out;
  std::size_t start = whole.first;
  unsigned cases = 0;
  unsigned betweens = 0;
  for (std::size_t i = whole.first; i < whole.last; i = layout.next(i)) {
    if (layout.word(i, "case")) ++cases;
    if (layout.word(i, "end") && cases > 0) --cases;
    if (cases > 0) continue;
    if (layout.word(i, "or")) return {whole};
    if (layout.word(i, "between")) ++betweens;
    if (!layout.word(i, "and")) continue;
    if (betweens > 0) {
      --betweens;
      continue;
    }
    out.push_back({start, i});
    start = i + 1;
  }
  out.push_back({start, whole.last});
  return out;
}

Ref zero(Tree& tree) {
  return tree.add(Kind::constant, {tree.add(Kind::integer)});
}

}  // namespace

// (a AND b) AND c is one list to the parser, a AND (b AND c) is not.
std::vector<Range> conjuncts_text(const Layout& layout, Range whole, std::size_t wanted) {
  std::vector<Range> out = split_at_and(layout, whole);
  while (out.size() < wanted || (out.size() == 1 && wanted > 1)) {
    const Range first = out.front();
    if (!layout.is(first.first, '(') || layout.match(first.first) + 1 != first.last) break;
    const std::vector<Range> inner = split_at_and(layout, {first.first + 1, first.last - 1});
    out.erase(out.begin());
    out.insert(out.begin(), inner.begin(), inner.end());
  }
  return out;
}

Range having_text(const Layout& layout, std::size_t from) {
  std::size_t i = from;
  while (!layout.ends_scope(i) && !layout.word(i, "having")) i = layout.next(i);
  if (layout.ends_scope(i)) return {};
  std::size_t end = i + 1;
  while (!layout.ends_where(end)) end = layout.next(end);
  return {i + 1, end};
}

std::size_t query_end(const Layout& layout, std::size_t target) {
  if (target >= layout.size()) return kNowhere;
  std::size_t open = layout.outer(target);
  while (open != kNowhere && layout.match(open) != kNowhere) {
    const std::size_t after = layout.match(open) + 1;
    bool branch = false;
    for (const std::string_view word : {"union", "intersect", "except", "order", "limit", "offset", "fetch", "for"})
      branch = branch || layout.word(after, word);
    if (!branch) return layout.match(open);
    open = layout.outer(open);
  }
  return kNowhere;
}

Ref counts_rows_node(Tree& tree) {
  constexpr std::int64_t kStar = 256 * 256 * 256;  // pack({within group, star, distinct, variadic, format})
  const Ref count =
      tree.add(Kind::func_call, {tree.strings({"pg_catalog", "count"}), kNone, kNone, kNone, kNone}, {}, kStar);
  return tree.add(Kind::operator_, {tree.strings({"pg_catalog", ">="}), count, zero(tree)}, {}, kOperatorPlain);
}

Ref or_absent_node(Tree& tree, Ref predicate, const Reference& reference, std::string_view column) {
  std::vector<Ref> fields;
  for (const std::string& field : reference.fields) fields.push_back(tree.string(field));
  fields.push_back(tree.string(column));
  const Ref name = tree.add(Kind::column_ref, {tree.add(Kind::list, -1, {}, 0, fields)});
  return tree.add(Kind::bool_expr, {tree.list({predicate, tree.add(Kind::null_test, {name})})}, {}, kBoolOr);
}

Ref fence_node(Tree& tree, Ref guards, Ref condition) {
  const Ref when = tree.add(Kind::case_when, {guards, condition});
  const Ref otherwise = tree.add(Kind::constant, {tree.add(Kind::boolean)});
  return tree.add(Kind::case_, {kNone, tree.list({when}), otherwise});
}

void add_offset(Tree& tree, Ref select) {
  constexpr std::int64_t kCount = 256 * 256;  // pack({group distinct, limit option, all, op})
  tree.set(select, s_offset, zero(tree));
  tree.set_number(select, tree.number(select) | kCount);
}

}  // namespace pgward::policy::sql
