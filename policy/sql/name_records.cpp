// Columns that name the records which an answer is about: where the policy wants them and they are not in the list after
// SELECT or RETURNING, they are put in front of the others, under a name that only the session reads. It takes them out of
// every row again.
//
// In front: they are there when a row has only begun to arrive, so that a row of any size can go on in pieces, its new
// length known. The price: ORDER BY 1 means a place in the list, and is written anew.
//
// Not where another column would change what the statement says: DISTINCT, grouping, set operations, and all that is no
// statement of the client's own but a part of one. Nor where the server would refuse it: a column that the database's
// user may not read, rules that say what RETURNING gives. Whatever is left alone runs as it came.
#include <algorithm>

#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

constexpr std::size_t kColumnsMax = 1600;  // of a list (MaxTupleAttributeNumber is 1664)

struct Key {
  const FromItem* item;
  const Column* column;
};

bool under_using(const Tree& tree, const FromItem& item) {
  return std::any_of(item.path.begin(), item.path.end(), [&](const JoinStep& step) {
    return tree.child(step.join, j_using) != kNone || (tree.number(step.join) & kJoinNatural) != 0;
  });
}

bool under_alias(const Tree& tree, const FromItem& item) {
  return std::any_of(item.path.begin(), item.path.end(),
                     [&](const JoinStep& step) { return tree.child(step.join, j_alias) != kNone; });
}

// RETURNING shows a new row, which the policies for SELECT must allow. Where they are those for INSERT there is nothing
// more to allow.
bool may_be_returned(const Relation& relation) {
  return !relation.row_security ||
         std::all_of(relation.row_policies.begin(), relation.row_policies.end(), [](const RowPolicy& policy) {
           return policy.command == '*' && (policy.check_expr.empty() || policy.check_expr == policy.using_expr);
         });
}

class NameRecords {
 public:
  NameRecords(Analysis& analysis, Ref owner, std::size_t index, const Level& level, const Columns& out)
      : a_(analysis), tree_(analysis.tree), owner_(owner), index_(index), level_(level), out_(out) {}

  bool run() {
    if (!(is_select() ? select_takes_more() : change_takes_more())) return true;
    std::vector<Key> added;
    for (const FromItem& item : level_.items)
      for (const Column* column : missing_of(item)) added.push_back({&item, column});
    if (added.empty() || out_.names.size() + added.size() > kColumnsMax || !shift_order(added.size())) return true;
    return put(added);
  }

 private:
  bool is_select() const { return tree_.is(owner_, Kind::select); }
  Ref targets() const { return tree_.child(owner_, index_); }

  // The columns that name its records and are not in the list: all of them, or none where one cannot be had.
  std::vector<const Column*> missing_of(const FromItem& item) const {
    std::vector<const Column*> missing;
    if (item.protection == nullptr || item.protection->rule == nullptr || item.new_row || !nameable(item)) return {};
    const TableRule& rule = *item.protection->rule;
    if (rule.keys == KeyColumns::as_written) return {};
    for (const auto* list : {&rule.record, &rule.subject})
      for (const std::string& name : *list) {
        const Column* column = item.protection->relation->column(name);
        if (column == nullptr || key_type(column->type) == KeyType::unsupported) return {};
        if ((!mentioned_twice(item) && stands_in_list(item, name)) || std::find(missing.begin(), missing.end(), column) != missing.end()) continue;
        if (!column->readable) return {};
        missing.push_back(column);
      }
    return missing;
  }

  // The description of the rows says of which table a column is, not of which mention of it.
  bool mentioned_twice(const FromItem& item) const {
    return std::count_if(level_.items.begin(), level_.items.end(), [&](const FromItem& other) {
             return other.protection != nullptr && other.protection->relation == item.protection->relation;
           }) > 1;
  }

  // Surely: what may be another's is not counted.
  bool stands_in_list(const FromItem& item, const std::string& name) const {
    for (const Ref target : tree_.children(targets())) {
      const Ref value = tree_.child(target, rt_value);
      if (!tree_.is(value, Kind::column_ref)) continue;
      bool star = false;
      const std::vector<std::string> fields = parts_of(tree_, tree_.child(value, 0), &star);
      if (star && fields.empty()) {
        if (!under_using(tree_, item) && !under_alias(tree_, item)) return true;
        continue;
      }
      const std::vector<Resolved> found = resolve_column(&level_, fields, star);
      if (found.size() != 1 || found.front().item != &item || !found.front().certain) continue;
      if (star || (!found.front().whole_row && fields.back() == name)) return true;
    }
    return false;
  }

  bool nameable(const FromItem& item) const {
    if (item.name.empty() || item.renamed || item.join_alias || under_alias(tree_, item)) return false;
    return std::count_if(level_.items.begin(), level_.items.end(),
                         [&](const FromItem& other) { return other.name == item.name; }) == 1;
  }

  bool select_takes_more() const {
    for (const Select part : {s_distinct, s_group, s_having, s_values, s_left})
      if (tree_.child(owner_, part) != kNone) return false;
    if (level_.grouped || tree_.count(targets()) == 0) return false;
    for (const Ref item : tree_.children(tree_.child(owner_, s_order))) {
      const Ref value = tree_.child(item, 0);
      if (!tree_.is(value, Kind::column_ref)) continue;
      // It would be found now.
      const std::vector<std::string> fields = parts_of(tree_, tree_.child(value, 0));
      if (fields.size() == 1 && fields.front() == kAddedKeyName) return false;
    }
    return first_target() != kNowhere;  // TABLE t has no list
  }

  bool change_takes_more() const {
    const Relation& target = *level_.items.front().protection->relation;
    const bool plain = target.kind == RelationKind::table || target.kind == RelationKind::partitioned_table;
    if (!plain || target.has_rules) return false;
    const bool update = tree_.is(owner_, Kind::update);
    const bool positioned = (update && tree_.is(tree_.child(owner_, u_where), Kind::current_of)) ||
                            (tree_.is(owner_, Kind::delete_) && tree_.is(tree_.child(owner_, d_where), Kind::current_of));
    // Others have the predicate, which names a column, and so the policies for SELECT hold for them already.
    const bool named = level_.items.front().is_protected() && !tree_.is(owner_, Kind::insert) && !positioned;
    if (!named && !may_be_returned(target)) return false;
    return (targets() == kNone ? end_of_statement() : first_target()) != kNowhere;
  }

  // Bytes of the text.
  std::size_t first_target() const {
    const std::size_t token = a_.layout.at(tree_.at(tree_.child(targets(), 0)));
    return token == kNowhere ? kNowhere : a_.layout.begin_of(token);
  }
  std::size_t end_of_statement() const {
    std::size_t i = a_.layout.at(tree_.at(level_.items.front().node));
    if (i == kNowhere) return kNowhere;
    while (!a_.layout.ends_scope(i)) i = a_.layout.next(i);
    return a_.layout.end_of(i - 1);
  }

  // ORDER BY 2 means the second column of the list. False: no such column, or not to be found in the text.
  bool shift_order(std::size_t by) {
    if (!is_select()) return true;
    struct Ordinal { Ref sort_by; std::size_t token; std::int64_t number; };
    std::vector<Ordinal> ordinals;
    for (const Ref item : tree_.children(tree_.child(owner_, s_order))) {
      const Ref constant = tree_.child(item, 0);
      const Ref value = tree_.child(constant, 0);
      if (!tree_.is(constant, Kind::constant) || !tree_.is(value, Kind::integer)) continue;
      const Ordinal ordinal{item, a_.layout.at(tree_.at(constant)), tree_.number(value)};
      if (ordinal.number < 1 || !out_.complete || ordinal.number > static_cast<std::int64_t>(out_.names.size())) return false;
      if (ordinal.token == kNowhere || a_.layout.token(ordinal.token).kind != TokenKind::number) return false;
      ordinals.push_back(ordinal);
    }
    for (const Ordinal& each : ordinals) {
      const std::int64_t number = each.number + static_cast<std::int64_t>(by);
      const Token& token = a_.layout.token(each.token);
      a_.changes.replace(token.at, token.size, Rank::keys, {std::to_string(number)});
      tree_.set(each.sort_by, 0, tree_.add(Kind::constant, {tree_.add(Kind::integer, {}, {}, number)}));
    }
    return true;
  }

  bool put(const std::vector<Key>& added) {
    const Ref old = targets();
    std::string text;
    std::vector<Ref> list;
    for (const Key& key : added) {
      const std::string& column = key.column->name;
      text += text.empty() ? "" : ", ";
      text += quote_identifier(key.item->name) + "." + quote_identifier(column) + " AS " + quote_identifier(kAddedKeyName);
      const Ref name = tree_.list({tree_.string(key.item->name), tree_.string(column)});
      list.push_back(tree_.add(Kind::res_target, {kNone, tree_.add(Kind::column_ref, {name})}, kAddedKeyName));
      a_.keys.added(key.item->node, column, a_.facts.added_keys.size());
      a_.facts.added_keys.push_back({key.item->protection->relation->name, column});
    }
    if (old == kNone) {
      a_.changes.insert(end_of_statement(), Rank::keys, {" RETURNING " + text});
      a_.facts.rows_swallowed = true;
    } else {
      a_.changes.insert(first_target(), Rank::keys, {" " + text + ", "});
      list.insert(list.end(), tree_.children(old).begin(), tree_.children(old).end());
    }
    tree_.set(owner_, index_, tree_.add(Kind::list, -1, {}, 0, list));
    return true;
  }

  Analysis& a_;
  Tree& tree_;
  Ref owner_;
  std::size_t index_;
  const Level& level_;
  const Columns& out_;
};

}  // namespace

bool QueryWalk::name_records(Ref owner, std::size_t index, const Level& level, const Columns& out) {
  if (owner != a_.answer || level.items.empty()) return true;
  return NameRecords(a_, owner, index, level, out).run();
}

// It belongs to the level of the innermost column in it, or to its own without any (manual, "Aggregate Expressions").
// Which that is, is not always known here: then all of them count as grouped.
void QueryWalk::note_aggregate(Ref call, const Level& level) const {
  const Tree& tree = a_.tree;
  if (a_.answer == kNone || tree.child(call, f_over) != kNone) return;
  const auto [from, to] = a_.catalog.functions.equal_range(parts_of(tree, tree.child(call, f_name)).back());
  if (std::none_of(from, to, [](const auto& each) { return each.second.kind == 'a'; })) return;
  level.grouped = true;
  bool names_columns = false;
  std::vector<Ref> todo{tree.child(call, f_args), tree.child(call, f_order), tree.child(call, f_filter)};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    names_columns = names_columns || tree.is(node, Kind::sublink);
    if (tree.is(node, Kind::sublink)) continue;
    todo.insert(todo.end(), tree.children(node).begin(), tree.children(node).end());
    if (!tree.is(node, Kind::column_ref)) continue;
    names_columns = true;
    bool star = false;
    const std::vector<std::string> fields = parts_of(tree, tree.child(node, 0), &star);
    for (const Resolved& found : resolve_column(&level, fields, star))
      if (found.certain && holds(level, found.item)) return;
  }
  for (const Level* outer = level.outer; names_columns && outer != nullptr; outer = outer->outer) outer->grouped = true;
}

}  // namespace pgward::policy::sql
