// Where a predicate goes decides what it means: WHERE for the inner side, ON for the nullable side of an
// outer join, a sub-select where neither can hold it (FULL JOIN, USING and NATURAL on the nullable side,
// joins with an alias, aliases with a column list).
#include "policy/sql/fence.h"
#include "policy/sql/query.h"
#include "policy/sql/spot.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

Pieces all_predicates(const Reference& reference, const std::vector<TenantPair>& pairs) {
  Pieces out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += " AND ";
    out += predicate_text(reference, pairs[i]);
  }
  return out;
}

class Placement {
 public:
  Placement(QueryWalk& walk, Level& level, Ref from_list)
      : walk_(walk), a_(walk.analysis()), level_(level), from_list_(from_list) {}

  bool run(Ref owner, std::size_t where_index, bool target_level) {
    target_level_ = target_level;
    if (a_.fenced() && !fence(owner, where_index)) return false;
    for (FromItem& item : level_.items) {
      if (!item.is_protected()) continue;
      if (++a_.protected_references > kProtectedReferencesMax) return a_.refuse(Refusal::too_large);
      if (!find_text(item, target_level) || !write_out_table()) return a_.refuse(Refusal::unproven);
      const Spot spot = place_of(item);
      switch (spot.kind) {
        case Spot::impossible:
          return a_.refuse(Refusal::not_supported, item.protection->relation->name.text());
        case Spot::subselect:
          if (!replace(item)) return false;
          break;
        case Spot::on:
          add(on_[spot.join], item, Enforcement::How::on);
          break;
        case Spot::where:
          add(where_, item, merge_ ? Enforcement::How::on : Enforcement::How::where);
          break;
      }
    }
    return put_on() && put_where(owner, where_index);
  }

  // The target's condition goes into ON, which drops no row of the source: those go inside.
  bool run_merge(Ref merge, const LevelText& text) {
    text_ = text;
    found_ = true;
    merge_ = true;
    return run(merge, m_on, true);
  }

 private:
  struct Conditions {
    Pieces text;
    std::vector<Ref> nodes;
  };

  Spot place_of(const FromItem& item) const {
    const bool of_source = merge_ && &item != &level_.items.front();
    return spot_for(a_.tree, item, of_source, target_level_ && &item == &level_.items.front());
  }

  // Conditions of the level that could tell of other tenants' rows.
  bool fence(Ref owner, std::size_t where_index) {
    for (const FromItem& item : level_.items)
      if (item.node != kNone && !find_text(item, target_level_)) break;
    if (!found_) find_text_by_output(owner);
    std::vector<Ref> joins;
    if (merge_)
      collect(a_.tree.child(from_list_, m_source), joins);
    else
      for (std::size_t i = 0; i < a_.tree.count(from_list_); ++i) collect(a_.tree.child(from_list_, i), joins);
    Fences fences(walk_, level_, found_ ? &text_ : nullptr,
                  [this](const FromItem& item) { return place_of(item).kind; });
    return fences.run(owner, where_index, joins);
  }

  void note(const FromItem& item, Enforcement::How how) {
    for (const TenantPair& pair : item.protection->tenant)
      a_.facts.enforcements.push_back({item.protection->relation->name, item.name, pair.column,
                                       a_.policy.tenant[pair.attribute].name, how, pair.place});
  }

  void add(Conditions& to, const FromItem& item, Enforcement::How how) {
    if (!to.text.empty()) to.text += " AND ";
    const Reference reference = item.reference();
    to.text += all_predicates(reference, item.protection->tenant);
    for (const TenantPair& pair : item.protection->tenant)
      to.nodes.push_back(predicate_node(a_, reference, pair));
    note(item, how);
  }

  // The clauses of the level, once, from the first name in it.
  bool find_text(const FromItem& item, bool target_level) {
    if (found_) return true;
    // The target of UPDATE and DELETE is the first item of its level.
    const std::size_t name = a_.layout.at(a_.tree.at(target_level ? level_.items.front().node : item.node));
    if (name == kNowhere) return false;
    text_ = target_level ? a_.layout.target_level(name) : a_.layout.select_level(name);
    if (!target_level && text_.from == kNowhere) return false;
    found_ = true;
    return true;
  }

  // Where no relation is named, a condition may still be about those of outer levels.
  void find_text_by_output(Ref owner) {
    if (target_level_ || !a_.tree.is(owner, Kind::select)) return;
    const Ref first = a_.tree.child(a_.tree.child(owner, s_targets), 0);
    const std::size_t output = first == kNone ? kNowhere : a_.layout.at(a_.tree.at(first));
    if (output == kNowhere) return;
    text_ = a_.layout.output_level(output);
    found_ = true;
  }

  // TABLE t is SELECT * FROM t, and only that form can carry a WHERE.
  bool write_out_table() {
    if (!target_level_ && !written_out_ && a_.layout.word(text_.from, "table"))
      a_.changes.replace(a_.layout.begin_of(text_.from), a_.layout.token(text_.from).size, Rank::open,
                         {"SELECT * FROM"});
    written_out_ = true;
    return true;
  }

  // `t` becomes `(SELECT * FROM t WHERE ..)`; its alias, if there is one, stays where it is.
  bool replace(const FromItem& item) {
    Tree& tree = a_.tree;
    const Range range = a_.layout.relation_name(a_.layout.at(tree.at(item.node)));
    if (range.last > a_.layout.size()) return a_.refuse(Refusal::unproven);
    const RelationName& name = item.protection->relation->name;
    const bool only = (tree.number(item.node) & 255) == 0;
    const Reference reference{{name.schema, name.name}};
    Pieces text;
    text += "(SELECT * FROM " + std::string(only ? "ONLY " : "") + name.sql() + " WHERE ";
    text += all_predicates(reference, item.protection->tenant);
    text += item.barrier ? " OFFSET 0)" : ")";
    if (!item.aliased) text += " AS " + quote_identifier(name.name);
    // The schema that was put in front of the name goes with it.
    const std::size_t from = a_.layout.begin_of(range.first);
    const std::size_t to = a_.layout.end_of(range.last - 1);
    a_.changes.drop_inside(from, to);
    a_.changes.replace(from, to - from, Rank::open, std::move(text));

    std::vector<Ref> predicates;
    for (const TenantPair& pair : item.protection->tenant)
      predicates.push_back(predicate_node(a_, reference, pair));
    const Ref alias = tree.child(item.node, rv_alias);
    const Ref inner =
        tree.add(Kind::range_var, {tree.child(item.node, rv_catalog), tree.string(name.schema), kNone},
                 name.name, tree.number(item.node), tree.at(item.node));
    if (tree.child(item.node, rv_catalog) != kNone) tree.set(inner, rv_catalog, kNone);
    const Ref star =
        tree.add(Kind::res_target, {kNone, tree.add(Kind::column_ref, {tree.list({tree.add(Kind::star)})})});
    const Ref query = tree.add(
        Kind::select, {kNone, tree.list({star}), tree.list({inner}), conjunction(tree, predicates, kNone),
                       kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone});
    if (item.barrier) add_offset(tree, query);
    const Ref named = alias != kNone ? alias : tree.add(Kind::alias, {kNone}, name.name);
    const Ref subselect = tree.add(Kind::range_subselect, {query, named});
    note(item, Enforcement::How::subselect);
    return swap(item, subselect) || a_.refuse(Refusal::unproven);
  }

  bool swap(const FromItem& item, Ref by) {
    Tree& tree = a_.tree;
    const Ref owner = item.path.empty() ? from_list_ : item.path.back().join;
    for (std::size_t i = 0; i < tree.count(owner); ++i) {
      if (tree.child(owner, i) != item.node) continue;
      tree.set(owner, i, by);
      return true;
    }
    return false;
  }

  // ON <old> becomes ON <predicates> AND (<old>).
  bool put_on() {
    if (on_.empty()) return true;
    std::vector<Ref> in_order;
    for (std::size_t i = 0; i < a_.tree.count(from_list_); ++i)
      collect(a_.tree.child(from_list_, i), in_order);
    std::vector<JoinText> texts;
    if (!a_.layout.joins(text_, texts) || texts.size() != in_order.size())
      return a_.refuse(Refusal::not_supported);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto found = on_.find(in_order[i]);
      if (found == on_.end()) continue;
      if (texts[i].on == kNowhere || texts[i].on_end <= texts[i].on + 1)
        return a_.refuse(Refusal::not_supported);
      wrap(texts[i].on, texts[i].on_end, found->second.text, Rank::close_on);
      const Ref old = a_.tree.child(in_order[i], j_on);
      a_.tree.set(in_order[i], j_on, conjunction(a_.tree, found->second.nodes, old));
    }
    return true;
  }

  // Joins in the order of their JOIN words.
  void collect(Ref node, std::vector<Ref>& out) const {
    if (!a_.tree.is(node, Kind::join)) return;
    collect(a_.tree.child(node, j_left), out);
    out.push_back(node);
    collect(a_.tree.child(node, j_right), out);
  }

  void wrap(std::size_t keyword, std::size_t end, const Pieces& predicates, Rank rank) {
    Pieces open = predicates;
    open += " AND (";
    a_.changes.insert(a_.layout.begin_of(keyword + 1), Rank::open, std::move(open));
    a_.changes.insert(a_.layout.end_of(end - 1), rank, {")"});
  }

  bool put_where(Ref owner, std::size_t where_index) {
    if (where_.nodes.empty()) return true;
    const Ref old = a_.tree.child(owner, where_index);
    if ((old != kNone) != (text_.where != kNowhere)) return a_.refuse(Refusal::not_supported);
    if (old != kNone) {
      if (text_.where_end <= text_.where + 1) return a_.refuse(Refusal::unproven);
      wrap(text_.where, text_.where_end, where_.text, Rank::close_on);
    } else {
      if (text_.from_end == 0 || text_.from_end > a_.layout.size()) return a_.refuse(Refusal::unproven);
      Pieces text;
      text += " WHERE ";
      text += where_.text;
      a_.changes.insert(a_.layout.end_of(text_.from_end - 1), Rank::append_from, std::move(text));
    }
    a_.tree.set(owner, where_index, conjunction(a_.tree, where_.nodes, old));
    return true;
  }

  QueryWalk& walk_;
  Analysis& a_;
  Level& level_;
  Ref from_list_;
  LevelText text_;
  bool found_ = false;
  bool written_out_ = false;
  bool target_level_ = false;
  bool merge_ = false;
  Conditions where_;
  std::map<Ref, Conditions> on_;
};

}  // namespace

bool QueryWalk::protect_level(Level& level, Ref where_owner, std::size_t where_index, Ref from_list,
                              bool target_level) {
  return Placement(*this, level, from_list).run(where_owner, where_index, target_level);
}

bool QueryWalk::protect_merge(Level& level, Ref merge, const LevelText& text) {
  return Placement(*this, level, merge).run_merge(merge, text);
}

}  // namespace pgward::policy::sql
