#include "policy/sql/merge.h"

#include "policy/sql/assignments.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

class MergeWalk {
 public:
  MergeWalk(QueryWalk& walk, Ref node)
      : walk_(walk), a_(walk.analysis()), tree_(a_.tree), node_(node), whens_(tree_.child(node, m_whens)) {}

  bool run() {
    if (!may_all()) return a_.refuse(Refusal::statement_not_allowed, {}, a_.question.role.place);
    if (!walk_.with_clause(tree_.child(node_, m_with), nullptr, scope_) || !target()) return false;
    if (!walk_.from_list(tree_.list({tree_.child(node_, m_source)}), level_, &scope_)) return false;
    if (!walk_.expression(tree_.child(node_, m_on), level_, &scope_)) return false;
    source_.items.assign(level_.items.begin() + 1, level_.items.end());
    text_ = merge_text(a_.layout, a_.layout.at(tree_.at(tree_.child(node_, m_relation))));
    if (text_.on == kNowhere || text_.actions.size() != tree_.count(whens_))
      return a_.refuse(Refusal::unproven);
    for (std::size_t i = 0; i < tree_.count(whens_); ++i)
      if (!when(tree_.child(whens_, i), text_.actions[i])) return false;
    const LevelText places{text_.source, text_.on, text_.on, text_.actions.front().when};
    return walk_.protect_merge(level_, node_, places);
  }

 private:
  std::int64_t command(Ref when) const { return (tree_.number(when) >> 8) & 255; }

  static char letter(std::int64_t command) {
    switch (command) {
      case kMergeInsert:
        return 'C';
      case kMergeUpdate:
        return 'U';
      case kMergeDelete:
        return 'D';
      default:
        return 'R';
    }
  }

  bool may_all() const {
    for (std::size_t i = 0; i < tree_.count(whens_); ++i) {
      const std::int64_t wanted = command(tree_.child(whens_, i));
      if (!a_.may(wanted == kMergeInsert   ? StatementClass::insert
                  : wanted == kMergeUpdate ? StatementClass::update
                  : wanted == kMergeDelete ? StatementClass::delete_
                                           : StatementClass::select))
        return false;
    }
    return tree_.count(whens_) > 0;
  }

  // Covered for every action that there is.
  bool target() {
    level_.items.emplace_back();
    for (std::size_t i = 0; i < tree_.count(whens_); ++i)
      if (!walk_.target(tree_.child(node_, m_relation), letter(command(tree_.child(whens_, i))),
                        level_.items.front()))
        return false;
    return true;
  }

  bool when(Ref when, const MergeAction& text) {
    const Protection& protection = *level_.items.front().protection;
    const bool insert = command(when) == kMergeInsert;
    const Level& level = insert ? source_ : level_;
    for (const MergeWhen part : {mw_condition, mw_targets, mw_values})
      if (!walk_.expression(tree_.child(when, part), level, &scope_)) return false;
    const Ref targets = tree_.child(when, mw_targets);
    if (insert) {
      if (targets == kNone) a_.touch(protection, 'C', "*");
      touch_assigned(a_, protection, 'C', targets);
      return merge_insert(a_, protection, source_, when, text);
    }
    if (command(when) != kMergeUpdate) return command(when) == kMergeDelete || command(when) == kMergeNothing;
    touch_assigned(a_, protection, 'U', targets);
    const bool known = text.then != kNowhere && a_.layout.word(text.then + 2, "set");
    return judge_assignments(a_, protection, level_, targets,
                             [&] { return known ? Range{text.then + 3, text.end} : Range{}; });
  }

  QueryWalk& walk_;
  Analysis& a_;
  Tree& tree_;
  Ref node_;
  Ref whens_;
  WithScope scope_;
  Level level_;   // the target, then the source
  Level source_;  // what INSERT sees
  MergeText text_;
};

}  // namespace

bool walk_merge(QueryWalk& walk, Ref node) {
  return MergeWalk(walk, node).run();
}

}  // namespace pgward::policy::sql
