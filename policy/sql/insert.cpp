#include "policy/sql/insert.h"

#include "policy/sql/assignments.h"
#include "policy/sql/insert_text.h"
#include "policy/sql/tenant_write.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

class InsertSource {
 public:
  InsertSource(QueryWalk& walk, Ref insert, const Protection& protection, const WithScope& scope)
      : walk_(walk),
        a_(walk.analysis()),
        tree_(a_.tree),
        insert_(insert),
        source_(tree_.child(insert, i_source)),
        columns_(tree_.child(insert, i_columns)),
        protection_(protection),
        scope_(scope) {}

  bool run() {
    if (protection_.tenant.empty()) return walk_only();
    if (!place_columns()) return false;
    if (source_ == kNone) return default_values();
    if (plain_values()) return values();
    return selects();
  }

 private:
  // For each tenant column: where the source supplies it, or nowhere.
  struct Placed {
    const TenantPair* pair;
    std::size_t position = kNowhere;
  };

  bool refuse(Refusal reason) { return a_.refuse(reason, protection_.relation->name.text()); }

  bool walk_only() {
    Columns ignored;
    return source_ == kNone || walk_.query(source_, nullptr, &scope_, ignored);
  }

  bool place_columns() {
    for (const TenantPair& pair : protection_.tenant) {
      Placed placed{&pair, kNowhere};
      const std::size_t count =
          columns_ != kNone ? tree_.count(columns_) : protection_.relation->columns.size();
      for (std::size_t i = 0; i < count; ++i) {
        const bool named = columns_ != kNone ? tree_.text(tree_.child(columns_, i)) == pair.column
                                             : protection_.relation->columns[i].name == pair.column;
        if (!named) continue;
        // Twice, or a part of it (clinic_id.x): the server refuses the one and we the other.
        if (placed.position != kNowhere) return refuse(Refusal::not_supported);
        if (columns_ != kNone && tree_.child(tree_.child(columns_, i), rt_indirection) != kNone)
          return refuse(Refusal::not_supported);
        placed.position = i;
      }
      placed_.push_back(placed);
    }
    return true;
  }

  const InsertText& text() {
    if (!text_) {
      const std::size_t target = a_.layout.at(tree_.at(tree_.child(insert_, i_relation)));
      text_ = target == kNowhere ? InsertText{} : insert_text(a_.layout, target, columns_ != kNone);
    }
    return *text_;
  }

  // Which tenant columns the source leaves out, given how many values it supplies.
  bool missing(std::size_t width, std::vector<const TenantPair*>& out) {
    for (const Placed& placed : placed_) {
      if (placed.position != kNowhere && placed.position < width) continue;
      if (default_is_tenant(a_, protection_, *placed.pair)) continue;
      if (!may_fill(a_, protection_, *placed.pair)) return false;
      out.push_back(placed.pair);
    }
    return true;
  }

  void note_fill(const TenantPair& pair) {
    a_.facts.enforcements.push_back({protection_.relation->name, protection_.relation->name.name, pair.column,
                                     a_.policy.tenant[pair.attribute].name, Enforcement::How::insert_added,
                                     pair.place});
  }

  // INSERT INTO t DEFAULT VALUES becomes INSERT INTO t (tenant) VALUES ('..').
  bool default_values() {
    std::vector<const TenantPair*> fill;
    if (!missing(0, fill)) return false;
    if (fill.empty()) return true;
    const std::size_t i = text().source;
    if (i == kNowhere || !a_.layout.word(i, "default") || !a_.layout.word(i + 1, "values"))
      return refuse(Refusal::unproven);
    Pieces names;
    Pieces literals;
    std::vector<Ref> columns;
    std::vector<Ref> values;
    for (const TenantPair* pair : fill) {
      names += (names.empty() ? "(" : ", ") + quote_identifier(pair->column);
      if (!literals.empty()) literals += ", ";
      literals += literal_text(*pair);
      columns.push_back(tree_.add(Kind::res_target, {kNone, kNone}, pair->column));
      values.push_back(literal_node(a_, *pair));
      note_fill(*pair);
    }
    names += ") VALUES (";
    names += literals;
    names += ")";
    const std::size_t from = a_.layout.begin_of(i);
    a_.changes.replace(from, a_.layout.end_of(i + 1) - from, Rank::open, std::move(names));
    const Ref row = tree_.add(Kind::list, -1, {}, 0, values);
    tree_.set(insert_, i_columns, tree_.add(Kind::list, -1, {}, 0, columns));
    tree_.set(insert_, i_source,
              tree_.add(Kind::select, {kNone, kNone, kNone, kNone, kNone, kNone, kNone, tree_.list({row}),
                                       kNone, kNone, kNone, kNone, kNone, kNone, kNone}));
    return true;
  }

  // The list of columns, made longer or written out.
  bool add_columns(const std::vector<const TenantPair*>& fill, std::size_t width) {
    Pieces added;
    Ref list = columns_;
    if (list == kNone) {
      if (width > protection_.relation->columns.size()) return refuse(Refusal::not_supported);
      std::vector<Ref> items;
      for (std::size_t i = 0; i < width; ++i) {
        const std::string& name = protection_.relation->columns[i].name;
        added += (i == 0 ? "" : ", ") + quote_identifier(name);
        items.push_back(tree_.add(Kind::res_target, {kNone, kNone}, name));
      }
      list = tree_.add(Kind::list, -1, {}, 0, items);
    }
    for (const TenantPair* pair : fill) {
      added += (columns_ != kNone || !added.empty() ? ", " : "") + quote_identifier(pair->column);
      list = tree_.appended(list, tree_.add(Kind::res_target, {kNone, kNone}, pair->column));
      note_fill(*pair);
    }
    const std::size_t before = columns_ != kNone ? text().columns_close : text().after_target;
    if (before == kNowhere || before == 0 || before > a_.layout.size()) return refuse(Refusal::unproven);
    if (columns_ == kNone) {
      Pieces whole;
      whole += " (";
      whole += added;
      whole += ")";
      added = std::move(whole);
    }
    a_.changes.insert(a_.layout.end_of(before - 1), Rank::append_from, std::move(added));
    tree_.set(insert_, i_columns, list);
    return true;
  }

  void append_literals(std::size_t token, const std::vector<const TenantPair*>& fill) {
    Pieces added;
    for (const TenantPair* pair : fill) {
      added += ", ";
      added += literal_text(*pair);
    }
    a_.changes.insert(a_.layout.end_of(token), Rank::append_from, std::move(added));
  }

  // VALUES (..), (..) and nothing else: sorted or limited VALUES are a query like any other.
  bool plain_values() const {
    if (tree_.child(source_, s_values) == kNone) return false;
    for (const Select part : {s_order, s_offset, s_count, s_locking, s_with})
      if (tree_.child(source_, part) != kNone) return false;
    return true;
  }

  bool values() {
    Columns ignored;
    if (!walk_.select(source_, nullptr, &scope_, ignored)) return false;
    const Ref rows = tree_.child(source_, s_values);
    const std::size_t width = tree_.count(tree_.child(rows, 0));
    std::vector<const TenantPair*> fill;
    if (!missing(width, fill)) return false;
    const std::vector<std::vector<Range>> texts = values_rows(a_.layout, text());
    for (std::size_t r = 0; r < tree_.count(rows); ++r) {
      const Ref row = tree_.child(rows, r);
      // Rows of different lengths are an error of the server's, but positions would be ours to guess.
      if (tree_.count(row) != width) return refuse(Refusal::not_supported);
      const bool known = r < texts.size() && texts.size() == tree_.count(rows) && texts[r].size() == width;
      for (const Placed& placed : placed_) {
        if (placed.position == kNowhere || placed.position >= width) continue;
        WrittenValue value{*placed.pair, protection_, nullptr, tree_.child(row, placed.position),
                           known ? texts[r][placed.position] : Range{}};
        Ref replacement = kNone;
        const Written written = judge_written(a_, value, replacement);
        if (written == Written::refused) return false;
        if (written == Written::replaced) tree_.set(row, placed.position, replacement);
      }
      if (fill.empty()) continue;
      if (!known || width == 0) return refuse(Refusal::unproven);
      append_literals(texts[r].back().last - 1, fill);
      Ref longer = row;
      for (const TenantPair* pair : fill) longer = tree_.appended(longer, literal_node(a_, *pair));
      tree_.set(rows, r, longer);
    }
    return fill.empty() || add_columns(fill, width);
  }

  void leaves(Ref select, std::vector<Ref>& out) const {
    if (tree_.child(select, s_left) == kNone) return out.push_back(select);
    leaves(tree_.child(select, s_left), out);
    leaves(tree_.child(select, s_right), out);
  }

  bool selects() {
    std::vector<Ref> branches;
    leaves(source_, branches);
    const std::size_t width = tree_.count(tree_.child(branches.front(), s_targets));
    for (const Ref branch : branches)
      if (tree_.child(branch, s_values) != kNone) return refuse(Refusal::not_supported);
    walk_.watched.insert(branches.begin(), branches.end());
    const auto before = std::move(walk_.on_watched);
    walk_.on_watched = [&](Ref leaf, const Level& level) { return branch_values(branches, leaf, level); };
    Columns ignored;
    const bool walked = walk_.select(source_, nullptr, &scope_, ignored);
    for (const Ref branch : branches) walk_.watched.erase(branch);
    walk_.on_watched = before;
    if (!walked) return false;
    return fill_.empty() || add_columns(fill_, width);
  }

  bool has_star(Ref targets) const {
    for (std::size_t i = 0; i < tree_.count(targets); ++i) {
      bool star = false;
      const Ref value = tree_.child(tree_.child(targets, i), rt_value);
      if (tree_.is(value, Kind::column_ref)) parts_of(tree_, tree_.child(value, 0), &star);
      if (tree_.is(value, Kind::indirection)) star = true;  // (x).* too
      if (star) return true;
    }
    return false;
  }

  // ROLLUP and the like make NULLs of columns that have none.
  bool has_grouping_sets(Ref leaf) const {
    const Ref group = tree_.child(leaf, s_group);
    for (std::size_t i = 0; i < tree_.count(group); ++i)
      if (tree_.is(tree_.child(group, i), Kind::grouping_set)) return true;
    return false;
  }

  // SELECT * of one relation with the same tenant: what stands at the tenant's place is its own column.
  bool star_is_own(Ref leaf, const Level& level) const {
    const Ref targets = tree_.child(leaf, s_targets);
    if (tree_.count(targets) != 1 || level.items.size() != 1 || !level.items[0].is_protected()) return false;
    const Ref value = tree_.child(tree_.child(targets, 0), rt_value);
    if (!tree_.is(value, Kind::column_ref) || level.items[0].renamed) return false;
    const FromItem& item = level.items[0];
    for (const Placed& placed : placed_) {
      if (placed.position == kNowhere || placed.position >= item.columns.names.size()) return false;
      bool own = false;
      for (const TenantPair& pair : item.protection->tenant)
        own = own || (pair.column == item.columns.names[placed.position] &&
                      pair.attribute == placed.pair->attribute);
      if (!own) return false;
    }
    return true;
  }

  bool branch_values(const std::vector<Ref>& branches, Ref leaf, const Level& level) {
    std::size_t index = 0;
    while (index < branches.size() && branches[index] != leaf) ++index;
    const Ref targets = tree_.child(leaf, s_targets);
    const bool grouped = has_grouping_sets(leaf);
    if (has_star(targets)) return (!grouped && star_is_own(leaf, level)) || refuse(Refusal::not_supported);
    const std::size_t width = tree_.count(targets);
    if (width == 0 || width != tree_.count(tree_.child(branches.front(), s_targets)))
      return refuse(Refusal::not_supported);
    if (index == 0 && !missing(width, fill_)) return false;
    const std::vector<std::size_t> heads = select_heads(a_.layout, text());
    std::vector<Range> items;
    if (heads.size() == branches.size()) items = select_items(a_.layout, heads[index]);
    const bool known = items.size() == width;
    for (const Placed& placed : placed_) {
      if (placed.position == kNowhere || placed.position >= width) continue;
      const Ref target = tree_.child(targets, placed.position);
      const Range range =
          known ? without_name(a_.layout, items[placed.position], !tree_.text(target).empty()) : Range{};
      WrittenValue value{*placed.pair, protection_, grouped ? nullptr : &level, tree_.child(target, rt_value),
                         range};
      Ref replacement = kNone;
      const Written written = judge_written(a_, value, replacement);
      if (written == Written::refused) return false;
      if (written == Written::replaced) tree_.set(target, rt_value, replacement);
    }
    if (fill_.empty()) return true;
    if (!known) return refuse(Refusal::unproven);
    append_literals(items.back().last - 1, fill_);
    Ref longer = targets;
    for (const TenantPair* pair : fill_)
      longer = tree_.appended(longer, tree_.add(Kind::res_target, {kNone, literal_node(a_, *pair)}));
    tree_.set(leaf, s_targets, longer);
    return true;
  }

  QueryWalk& walk_;
  Analysis& a_;
  Tree& tree_;
  Ref insert_;
  Ref source_;
  Ref columns_;
  const Protection& protection_;
  const WithScope& scope_;
  std::vector<Placed> placed_;
  std::vector<const TenantPair*> fill_;
  std::optional<InsertText> text_;
};

}  // namespace

bool walk_insert_source(QueryWalk& walk, Ref insert, const Protection& protection, const WithScope& scope) {
  return InsertSource(walk, insert, protection, scope).run();
}

}  // namespace pgward::policy::sql
