#include "policy/sql/insert_text.h"

namespace pgward::policy::sql {
namespace {

void collect_heads(const Layout& layout, std::size_t first, std::size_t last, std::vector<std::size_t>& out) {
  bool due = true;  // a branch may begin here
  for (std::size_t i = first; i < last && i < layout.size(); i = layout.next(i)) {
    if (due && layout.is(i, '(') && layout.match(i) != kNowhere) {
      collect_heads(layout, i + 1, layout.match(i), out);
      due = false;
    } else if (due && layout.word(i, "select")) {
      out.push_back(i);
      due = false;
    } else if (layout.word(i, "union") || layout.word(i, "intersect") || layout.word(i, "except")) {
      due = true;
    } else if (due && layout.word(i, "with")) {
      // WITH .. AS (..) comes before the first branch: on to its SELECT.
      while (i + 1 < last && !layout.word(layout.next(i), "select") && !layout.word(layout.next(i), "values"))
        i = layout.next(i);
    }
  }
}

}  // namespace

InsertText insert_text(const Layout& layout, std::size_t target, bool with_columns) {
  InsertText text;
  std::size_t i = layout.relation_name(target).last;
  if (layout.word(i, "as")) i += 2;
  text.after_target = i;
  if (with_columns && layout.is(i, '(') && layout.match(i) != kNowhere) {
    text.columns_close = layout.match(i);
    i = text.columns_close + 1;
  }
  if (layout.word(i, "overriding")) i += 3;
  text.source = i;
  const auto end = [&](std::size_t k) {
    return layout.on_conflict(k) || layout.word(k, "returning") || layout.ends_scope(k);
  };
  while (!end(i)) i = layout.next(i);
  text.source_end = i;
  if (!layout.on_conflict(i)) return text;
  const std::size_t action = layout.find(i, [&](std::size_t k) { return layout.word(k, "do"); });
  if (action == kNowhere || !layout.word(action + 2, "set")) return text;
  text.conflict_set = action + 2;
  i = text.conflict_set;
  while (!layout.ends_from(i)) i = layout.next(i);
  if (layout.word(i, "where")) {
    text.conflict_where = i;
    while (!layout.ends_where(i)) i = layout.next(i);
  }
  text.conflict_end = i;
  return text;
}

std::vector<std::vector<Range>> values_rows(const Layout& layout, const InsertText& text) {
  std::vector<std::vector<Range>> rows;
  std::size_t i = text.source;
  std::size_t end = text.source_end;
  while (layout.is(i, '(') && layout.match(i) != kNowhere) {
    end = layout.match(i);
    ++i;
  }
  if (!layout.word(i, "values")) return rows;
  for (const Range& row : layout.split(i + 1, end)) {
    if (!layout.is(row.first, '(') || layout.match(row.first) + 1 != row.last) return {};
    rows.push_back(layout.split(row.first + 1, row.last - 1));
  }
  return rows;
}

std::vector<std::size_t> select_heads(const Layout& layout, const InsertText& text) {
  std::vector<std::size_t> heads;
  collect_heads(layout, text.source, text.source_end, heads);
  return heads;
}

std::vector<Range> select_items(const Layout& layout, std::size_t select_word) {
  std::size_t i = select_word + 1;
  if (layout.word(i, "all")) ++i;
  if (layout.word(i, "distinct")) {
    ++i;
    if (layout.word(i, "on")) i = layout.next(i + 1);
  }
  std::size_t end = i;
  while (!layout.ends_from(end) && !layout.clause_from(end) && !layout.word(end, "into"))
    end = layout.next(end);
  return layout.split(i, end);
}

Range without_name(const Layout& layout, Range item, bool named) {
  if (!named || item.last <= item.first + 1) return item;
  --item.last;
  if (item.last > item.first + 1 && layout.word(item.last - 1, "as")) --item.last;
  return item;
}

}  // namespace pgward::policy::sql
