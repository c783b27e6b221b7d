#include "policy/sql/merge_text.h"

namespace pgward::policy::sql {
namespace {

// The ON that belongs to no join of the source.
std::size_t own_on(const Layout& layout, std::size_t from) {
  std::size_t joins = 0;  // that still wait for their ON
  return layout.find(from, [&](std::size_t i) {
    if (layout.word(i, "join") && !layout.join_without_condition(i)) ++joins;
    if (joins > 0 && (layout.word(i, "on") || layout.word(i, "using"))) {
      --joins;
      return false;
    }
    return layout.word(i, "on");
  });
}

}  // namespace

MergeText merge_text(const Layout& layout, std::size_t target) {
  MergeText text;
  text.source = layout.find(target, [&](std::size_t i) { return layout.word(i, "using"); });
  if (text.source == kNowhere) return text;
  text.on = own_on(layout, text.source + 1);
  if (text.on == kNowhere) return text;
  std::size_t cases = 0;  // CASE has WHEN and THEN too
  std::size_t i = text.on + 1;
  for (; !layout.ends_scope(i); i = layout.next(i)) {
    if (layout.word(i, "case")) ++cases;
    if (layout.word(i, "end") && cases > 0) --cases;
    if (cases > 0) continue;
    if (layout.word(i, "when")) {
      if (!text.actions.empty()) text.actions.back().end = i;
      text.actions.push_back({i, kNowhere, kNowhere});
    } else if (layout.word(i, "then") && !text.actions.empty()) {
      text.actions.back().then = i;
    }
  }
  if (!text.actions.empty()) text.actions.back().end = i;
  return text;
}

MergeInsertText merge_insert_text(const Layout& layout, const MergeAction& action) {
  MergeInsertText text;
  if (action.then == kNowhere || !layout.word(action.then + 1, "insert")) return text;
  text.insert = action.then + 1;
  std::size_t i = text.insert + 1;
  if (layout.is(i, '(') && layout.match(i) != kNowhere) {
    text.columns_close = layout.match(i);
    i = text.columns_close + 1;
  }
  if (layout.word(i, "overriding")) i += 3;
  text.source = i;
  if (layout.word(i, "values") && layout.is(i + 1, '(') && layout.match(i + 1) != kNowhere)
    text.values = layout.split(i + 2, layout.match(i + 1));
  return text;
}

}  // namespace pgward::policy::sql
