#include "policy/sql/merge.h"
#include "policy/sql/predicate.h"
#include "policy/sql/tenant_write.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

class MergeInsert {
 public:
  MergeInsert(Analysis& analysis, const Protection& protection, const Level& source, Ref when,
              const MergeAction& action)
      : a_(analysis),
        tree_(analysis.tree),
        protection_(protection),
        source_(source),
        when_(when),
        columns_(tree_.child(when, mw_targets)),
        values_(tree_.child(when, mw_values)),
        width_(tree_.count(values_)),
        text_(merge_insert_text(analysis.layout, action)) {}

  bool run() {
    if (text_.values.size() != width_) return refuse(Refusal::unproven);
    for (const TenantPair& pair : protection_.tenant)
      if (!tenant(pair)) return false;
    if (fill_.empty()) return true;
    return width_ == 0 ? instead_of_default_values() : append();
  }

 private:
  bool refuse(Refusal reason) { return a_.refuse(reason, protection_.relation->name.text()); }

  const std::string& name_of(std::size_t position) const {
    return protection_.relation->columns[position].name;
  }

  bool tenant(const TenantPair& pair) {
    std::size_t position = kNowhere;
    const std::size_t count =
        columns_ != kNone ? tree_.count(columns_) : protection_.relation->columns.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Ref column = columns_ != kNone ? tree_.child(columns_, i) : kNone;
      if (column != kNone ? tree_.text(column) != pair.column : name_of(i) != pair.column) continue;
      // Twice, or a part of it.
      if (position != kNowhere || tree_.child(column, rt_indirection) != kNone)
        return refuse(Refusal::not_supported);
      position = i;
    }
    if (position < width_) return written(pair, position);
    if (default_is_tenant(a_, protection_, pair)) return true;
    fill_.push_back(&pair);
    return may_fill(a_, protection_, pair);
  }

  bool written(const TenantPair& pair, std::size_t position) {
    const WrittenValue value{pair, protection_, &source_, tree_.child(values_, position),
                             text_.values[position]};
    Ref replacement = kNone;
    const Written written = judge_written(a_, value, replacement);
    if (written == Written::replaced) tree_.set(values_, position, replacement);
    return written != Written::refused;
  }

  void note(const TenantPair& pair) {
    a_.facts.enforcements.push_back({protection_.relation->name, protection_.relation->name.name, pair.column,
                                     a_.policy.tenant[pair.attribute].name, Enforcement::How::insert_added,
                                     pair.place});
  }

  // INSERT (a) VALUES (1) becomes INSERT (a, tenant) VALUES (1, '..').
  bool append() {
    Pieces names;
    Pieces literals;
    Ref columns = columns_;
    Ref values = values_;
    if (columns_ == kNone && !written_out(names, columns)) return false;
    for (const TenantPair* pair : fill_) {
      names += ", " + quote_identifier(pair->column);
      literals += ", ";
      literals += literal_text(*pair);
      columns = tree_.appended(columns, tree_.add(Kind::res_target, {kNone, kNone}, pair->column));
      values = tree_.appended(values, literal_node(a_, *pair));
      note(*pair);
    }
    if (columns_ == kNone) names += ")";
    if (columns_ != kNone && text_.columns_close == kNowhere) return refuse(Refusal::unproven);
    const std::size_t after = columns_ != kNone ? text_.columns_close - 1 : text_.insert;
    a_.changes.insert(a_.layout.end_of(after), Rank::append_from, std::move(names));
    a_.changes.insert(a_.layout.end_of(text_.values.back().last - 1), Rank::append_from, std::move(literals));
    tree_.set(when_, mw_targets, columns);
    tree_.set(when_, mw_values, values);
    return true;
  }

  // The list of columns that was left out, up to the values that there are.
  bool written_out(Pieces& names, Ref& columns) {
    if (width_ > protection_.relation->columns.size()) return refuse(Refusal::not_supported);
    std::vector<Ref> items;
    for (std::size_t i = 0; i < width_; ++i) {
      names += (i == 0 ? " (" : ", ") + quote_identifier(name_of(i));
      items.push_back(tree_.add(Kind::res_target, {kNone, kNone}, name_of(i)));
    }
    columns = tree_.add(Kind::list, -1, {}, 0, items);
    return true;
  }

  // INSERT DEFAULT VALUES becomes INSERT (tenant) VALUES ('..').
  bool instead_of_default_values() {
    const std::size_t i = text_.source;
    if (columns_ != kNone || i == kNowhere || !a_.layout.word(i, "default") || !a_.layout.word(i + 1, "values"))
      return refuse(Refusal::unproven);
    Pieces names;
    Pieces literals;
    std::vector<Ref> columns;
    std::vector<Ref> values;
    for (const TenantPair* pair : fill_) {
      names += (names.empty() ? "(" : ", ") + quote_identifier(pair->column);
      if (!literals.empty()) literals += ", ";
      literals += literal_text(*pair);
      columns.push_back(tree_.add(Kind::res_target, {kNone, kNone}, pair->column));
      values.push_back(literal_node(a_, *pair));
      note(*pair);
    }
    names += ") VALUES (";
    names += literals;
    names += ")";
    const std::size_t from = a_.layout.begin_of(i);
    a_.changes.replace(from, a_.layout.end_of(i + 1) - from, Rank::open, std::move(names));
    tree_.set(when_, mw_targets, tree_.add(Kind::list, -1, {}, 0, columns));
    tree_.set(when_, mw_values, tree_.add(Kind::list, -1, {}, 0, values));
    return true;
  }

  Analysis& a_;
  Tree& tree_;
  const Protection& protection_;
  const Level& source_;
  Ref when_;
  Ref columns_;
  Ref values_;
  std::size_t width_;
  MergeInsertText text_;
  std::vector<const TenantPair*> fill_;
};

}  // namespace

bool merge_insert(Analysis& analysis, const Protection& protection, const Level& source, Ref when,
                  const MergeAction& text) {
  return protection.tenant.empty() || MergeInsert(analysis, protection, source, when, text).run();
}

}  // namespace pgward::policy::sql
