#include "policy/sql/fence.h"

#include <algorithm>

#include "policy/sql/fence_meaning.h"
#include "policy/sql/fence_text.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

bool is_and(const Tree& tree, Ref node) {
  return tree.is(node, Kind::bool_expr) && tree.number(node) == kBoolAnd;
}

bool under(const FromItem& item, Ref join) {
  return std::any_of(item.path.begin(), item.path.end(),
                     [&](const JoinStep& step) { return step.join == join; });
}

}  // namespace

Fences::Fences(QueryWalk& walk, Level& level, const LevelText* text, SpotOf spot_of)
    : walk_(walk), a_(walk.analysis()), level_(level), text_(text), spot_of_(std::move(spot_of)) {}

bool Fences::run(Ref owner, std::size_t where_index, const std::vector<Ref>& joins) {
  std::vector<Clause> all = clauses(owner, where_index, joins);
  // All are judged before one is written: what is kept out of one condition needs no guard in another.
  for (Clause& clause : all)
    if (!judge(clause)) return false;
  for (const Clause& clause : all)
    if (!write(clause, joins)) return false;
  return barriers();
}

std::vector<Fences::Clause> Fences::clauses(Ref owner, std::size_t where_index,
                                            const std::vector<Ref>& joins) const {
  std::vector<Clause> out;
  out.push_back({{owner, where_index}});
  if (a_.tree.is(owner, Kind::select)) out.push_back({{owner, s_having}, kNone, true});
  for (const Ref join : joins) out.push_back({{join, j_on}, join});
  std::erase_if(out, [&](const Clause& clause) {
    return a_.tree.child(clause.whole.owner, clause.whole.index) == kNone;
  });
  for (Clause& clause : out) {
    const Ref node = a_.tree.child(clause.whole.owner, clause.whole.index);
    const Ref list = is_and(a_.tree, node) ? a_.tree.child(node, 0) : kNone;
    for (std::size_t i = 0; i < a_.tree.count(list); ++i) clause.conjuncts.push_back({list, i});
    if (list == kNone) clause.conjuncts.push_back(clause.whole);
  }
  return out;
}

// The items of a join stand in a row.
InsideOn Fences::inside(const Clause& clause) {
  const std::vector<FromItem>& items = level_.items;
  if (clause.join == kNone) return {level_, 0, items.size()};
  std::size_t from = 0, to = items.size();
  while (from < to && !under(items[from], clause.join)) ++from;
  while (to > from && !under(items[to - 1], clause.join)) --to;
  return {level_, from, to};
}

bool Fences::judge(Clause& clause) {
  const InsideOn scope = inside(clause);
  const LevelMeaning meaning(a_.tree, walk_.seen, level_);
  // The server hashes or merges by the condition of a FULL JOIN, and cannot by one in a CASE.
  const bool full = clause.join != kNone && (a_.tree.number(clause.join) & 15) == kJoinFull;
  for (std::size_t i = 0; i < clause.conjuncts.size(); ++i) {
    const Ref node = a_.tree.child(clause.conjuncts[i].owner, clause.conjuncts[i].index);
    if (!leaks(a_.tree, a_.catalog, meaning, node)) continue;
    std::vector<const FromItem*> named;
    names_in(node, named);
    if (named.empty())
      for (const FromItem& item : level_.seen()) named.push_back(&item);
    Fenced fenced{i, {}};
    // What stays in HAVING sees groups of chosen rows only.
    const bool stays = clause.having && aggregates(a_.tree, a_.catalog, node);
    bool local = false;
    for (const FromItem* item : named) {
      const bool here = holds(level_, item);
      if (here && clause.join != kNone && !under(*item, clause.join)) continue;
      local = local || (here && !stays && item->holds_protected);
      if (!here || !clause.having) keep_out(*item, full, fenced);
    }
    if (!fenced.guards.empty() || (clause.having && local)) clause.fenced.push_back(std::move(fenced));
  }
  if (clause.fenced.empty() || text_ != nullptr) return true;
  // No place to write: whoever holds this query must keep it from other tenants' rows.
  ++walk_.seen.leaks_outward;
  clause.fenced.clear();
  return std::none_of(level_.items.begin(), level_.items.end(),
                      [](const FromItem& item) { return item.is_protected(); }) ||
         a_.refuse(Refusal::unproven);
}

// Every item that a name in the condition may mean, of this level or further out. Names inside sub-selects
// are taken for names of this level too: a guard too many is no harm.
void Fences::names_in(Ref root, std::vector<const FromItem*>& out) const {
  std::vector<Ref> todo{root};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    todo.insert(todo.end(), a_.tree.children(node).begin(), a_.tree.children(node).end());
    if (!a_.tree.is(node, Kind::column_ref)) continue;
    bool star = false;
    const std::vector<std::string> fields = parts_of(a_.tree, a_.tree.child(node, 0), &star);
    for (const Resolved& resolved : resolve_column(&level_, fields, star)) {
      if (std::find(out.begin(), out.end(), resolved.item) != out.end()) continue;
      out.push_back(resolved.item);
      if (!resolved.item->join_alias) continue;
      for (const FromItem& item : level_of(&level_, resolved.item)->items)
        if (&item != resolved.item) out.push_back(&item);
    }
  }
}

bool Fences::hidden(const FromItem& item) const {
  return std::any_of(item.path.begin(), item.path.end(), [&](const JoinStep& step) {
    return a_.tree.child(step.join, j_alias) != kNone;
  });
}

void Fences::keep_out(const FromItem& item, bool by_barrier, Fenced& fenced) {
  if (!item.is_protected()) {
    item.barrier = item.barrier || item.holds_protected;
    return;
  }
  const Spot::Kind spot = holds(level_, &item) ? spot_of_(item) : spot_for(a_.tree, item, false, false).kind;
  if (by_barrier || spot == Spot::subselect || spot == Spot::impossible || hidden(item))
    item.barrier = true;
  else
    fenced.guards.push_back(&item);
}

Range Fences::text_of(const Clause& clause, const std::vector<Ref>& joins) const {
  if (clause.join == kNone && !clause.having)
    return text_->where == kNowhere ? Range{} : Range{text_->where + 1, text_->where_end};
  if (clause.having)
    return having_text(a_.layout, text_->where != kNowhere ? text_->where_end : text_->from_end);
  std::vector<JoinText> texts;
  if (!a_.layout.joins(*text_, texts) || texts.size() != joins.size()) return {};
  for (std::size_t i = 0; i < joins.size(); ++i)
    if (joins[i] == clause.join && texts[i].on != kNowhere) return {texts[i].on + 1, texts[i].on_end};
  return {};
}

bool Fences::write(const Clause& clause, const std::vector<Ref>& joins) {
  if (clause.fenced.empty()) return true;
  const InsideOn scope = inside(clause);
  const Range whole = text_of(clause, joins);
  if (whole.first == kNowhere || whole.last <= whole.first) return a_.refuse(Refusal::unproven);
  const std::vector<Range> texts = conjuncts_text(a_.layout, whole, clause.conjuncts.size());
  if (texts.size() == clause.conjuncts.size())
    return std::all_of(clause.fenced.begin(), clause.fenced.end(), [&](const Fenced& each) {
      return wrap(clause.conjuncts[each.conjunct], texts[each.conjunct], each.guards, clause.having);
    });
  // Parentheses of a kind that was not foreseen: all of it in one fence.
  std::vector<const FromItem*> guards;
  for (const Fenced& each : clause.fenced)
    for (const FromItem* item : each.guards)
      if (std::find(guards.begin(), guards.end(), item) == guards.end()) guards.push_back(item);
  return wrap(clause.whole, whole, guards, clause.having);
}

bool Fences::wrap(const Slot& slot, Range text, const std::vector<const FromItem*>& guards, bool having) {
  Pieces condition;
  std::vector<Ref> nodes;
  if (having) {
    condition += std::string(kCountsRows);
    nodes.push_back(counts_rows_node(a_.tree));
  }
  for (const FromItem* item : guards)
    if (!item->barrier && !guard(*item, condition, nodes)) return false;
  if (nodes.empty()) return true;
  Pieces open{"CASE WHEN "};
  open += condition;
  open += " THEN (";
  a_.changes.insert(a_.layout.begin_of(text.first), Rank::open_fence, std::move(open));
  a_.changes.insert(a_.layout.end_of(text.last - 1), Rank::close_fence, {") ELSE false END"});
  const Ref old = a_.tree.child(slot.owner, slot.index);
  a_.tree.set(slot.owner, slot.index, fence_node(a_.tree, conjunction(a_.tree, nodes, kNone), old));
  return true;
}

bool Fences::guard(const FromItem& item, Pieces& text, std::vector<Ref>& nodes) {
  const Relation& relation = *item.protection->relation;
  Reference reference = item.reference();
  // Of an outer level: by its bare name, which it keeps when it has to go into a sub-select.
  if (!holds(level_, &item)) reference.fields = {item.aliased ? item.name : relation.name.name};
  const bool is_table =
      relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table;
  for (const TenantPair& pair : item.protection->tenant) {
    std::vector<std::string> fields = reference.fields;
    fields.push_back(pair.column);
    const std::vector<Resolved> found = resolve_column(&level_, fields, false);
    if (found.size() != 1 || found.front().item != &item)
      return a_.refuse(Refusal::not_supported, relation.name.text());
    if (!text.empty()) text += " AND ";
    Ref node = predicate_node(a_, reference, pair);
    if (item.nullable) {
      // The row that an outer join makes up is nobody's and may be looked at.
      const std::string absent = is_table ? "tableoid" : pair.column;
      text += "(";
      text += predicate_text(reference, pair);
      text += " OR " + reference.sql() + quote_identifier(absent) + " IS NULL)";
      node = or_absent_node(a_.tree, node, reference, absent);
    } else {
      text += predicate_text(reference, pair);
    }
    nodes.push_back(node);
  }
  return true;
}

bool Fences::barriers() {
  for (const FromItem& item : level_.items) {
    if (!item.barrier || item.is_protected()) continue;
    const bool kept_out = a_.tree.is(item.made_of, Kind::range_subselect) ? close_subselect(item.made_of)
                          : a_.tree.is(item.made_of, Kind::cte)           ? materialize(item.made_of)
                                                                : a_.refuse(Refusal::not_supported);
    if (!kept_out) return false;
  }
  return true;
}

bool Fences::close_subselect(Ref item) {
  const Ref query = a_.tree.child(item, rs_query);
  if (a_.tree.child(query, s_offset) != kNone || a_.tree.child(query, s_count) != kNone) return true;
  Ref leaf = query;
  while (a_.tree.child(leaf, s_left) != kNone) leaf = a_.tree.child(leaf, s_left);
  const Ref first = a_.tree.child(a_.tree.child(leaf, s_targets), 0);
  const std::size_t end =
      first == kNone ? kNowhere : query_end(a_.layout, a_.layout.at(a_.tree.at(first)));
  if (end == kNowhere || end == 0) return a_.refuse(Refusal::not_supported);
  a_.changes.insert(a_.layout.end_of(end - 1), Rank::close_query, {" OFFSET 0"});
  add_offset(a_.tree, query);
  return true;
}

bool Fences::materialize(Ref cte) {
  constexpr std::int64_t kMaterialized = 1;
  if (a_.tree.number(cte) == kMaterialized || !a_.tree.is(a_.tree.child(cte, c_query), Kind::select)) return true;
  std::size_t i = a_.layout.at(a_.tree.at(cte));
  if (i == kNowhere) return a_.refuse(Refusal::unproven);
  ++i;
  if (a_.layout.is(i, '(')) i = a_.layout.next(i);
  if (!a_.layout.word(i, "as")) return a_.refuse(Refusal::unproven);
  if (a_.layout.word(++i, "not"))
    a_.changes.replace(a_.layout.begin_of(i), a_.layout.token(i).size, Rank::open, {""});
  else
    a_.changes.insert(a_.layout.end_of(i - 1), Rank::append_from, {" MATERIALIZED"});
  a_.tree.set_number(cte, kMaterialized);
  return true;
}

}  // namespace pgward::policy::sql
