// Column rules in the walk: names of ruled columns become masks, stars that cover one are written out.
#include <algorithm>

#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// The name that the server gives to a column of the output when its expression is, at heart, a column.
std::string name_at_heart(const Tree& tree, Ref value) {
  for (unsigned depth = 0; depth < 1000; ++depth) {
    if (tree.is(value, Kind::type_cast) || tree.is(value, Kind::collate)) {
      value = tree.child(value, 0);
    } else if (tree.is(value, Kind::case_)) {
      value = tree.child(value, ca_else);
    } else {
      break;
    }
  }
  if (!tree.is(value, Kind::column_ref)) return {};
  bool star = false;
  const std::vector<std::string> fields = parts_of(tree, tree.child(value, 0), &star);
  return star || fields.empty() ? std::string() : fields.back();
}

bool under_using(const Tree& tree, const FromItem& item) {
  return std::any_of(item.path.begin(), item.path.end(), [&](const JoinStep& step) {
    return tree.child(step.join, j_using) != kNone || (tree.number(step.join) & kJoinNatural) != 0 ||
           tree.child(step.join, j_alias) != kNone;
  });
}

Ref column_node(Tree& tree, const std::vector<std::string>& fields) {
  std::vector<Ref> names;
  for (const std::string& field : fields) names.push_back(tree.string(field));
  return tree.add(Kind::column_ref, {tree.add(Kind::list, -1, {}, 0, names)});
}

}  // namespace

const ColumnRule* QueryWalk::rule_for(const FromItem& item, const std::string& column) const {
  if (item.protection == nullptr || item.new_row) return nullptr;
  const auto rule = item.protection->columns.find(column);
  return rule == item.protection->columns.end() ? nullptr : rule->second;
}

void QueryWalk::leave_inside(Ref mask, Ref original) {
  const auto correlated = seen.correlated.find(original);
  const Level* const level = correlated == seen.correlated.end() ? nullptr : correlated->second;
  std::vector<Ref> todo{mask};
  while (!todo.empty()) {
    const Ref node = todo.back();
    todo.pop_back();
    if (node == kNone) continue;
    todo.insert(todo.end(), a_.tree.children(node).begin(), a_.tree.children(node).end());
    if (!a_.tree.is(node, Kind::column_ref)) continue;
    unmasked_.insert(node);
    if (level != nullptr) seen.correlated[node] = level;
  }
}

// The node itself becomes the mask: whoever holds it need not know.
bool QueryWalk::mask(Ref node, const FromItem& item, const ColumnRule& rule) {
  Tree& tree = a_.tree;
  const RelationName& relation = item.protection->relation->name;
  const std::vector<std::string> fields = parts_of(tree, tree.child(node, 0));
  const Column* column = item.protection->relation->column(fields.back());
  if (rule.mask == Mask::none || column == nullptr || !mask_fits(rule, column->type))
    return a_.refuse(Refusal::column_not_allowed, relation.text() + "." + fields.back(), rule.place);
  a_.touch_masked(*item.protection, fields.back());
  if (unmasked_.contains(node)) return true;
  const std::size_t first = a_.layout.at(tree.at(node));
  const std::size_t last = first + 2 * (fields.size() - 1);
  if (first == kNowhere || last >= a_.layout.size()) return a_.refuse(Refusal::unproven);
  const std::size_t from = a_.layout.begin_of(first);
  a_.changes.replace(from, a_.layout.end_of(last) - from, Rank::mask, {mask_text(rule, *column, fields)});
  const Ref by = mask_node(tree, rule, *column, fields);
  leave_inside(by, node);
  tree.replace(node, by);
  ++masks_;
  return true;
}

// ORDER BY name and DISTINCT ON (name) mean a column of the output first, which is masked already.
void QueryWalk::leave_output_names(Ref list, Ref targets) {
  const Tree& tree = a_.tree;
  for (std::size_t i = 0; i < tree.count(list); ++i) {
    Ref item = tree.child(list, i);
    if (tree.is(item, Kind::sort_by)) item = tree.child(item, 0);
    if (!tree.is(item, Kind::column_ref) || tree.count(tree.child(item, 0)) != 1) continue;
    const std::string name = name_at_heart(tree, item);
    for (std::size_t k = 0; k < tree.count(targets); ++k) {
      const Ref target = tree.child(targets, k);
      const bool named = tree.text(target).empty() ? name_at_heart(tree, tree.child(target, rt_value)) == name
                                                   : tree.text(target) == name;
      if (named && !name.empty()) unmasked_.insert(item);
    }
  }
}

bool QueryWalk::output_list(Ref owner, std::size_t index, const Level& level, const WithScope* with) {
  Tree& tree = a_.tree;
  if (!a_.masks()) return expression(tree.child(owner, index), level, with);
  if (!expand_stars(owner, index, level)) return false;
  const Ref targets = tree.child(owner, index);
  for (std::size_t i = 0; i < tree.count(targets); ++i) {
    const Ref target = tree.child(targets, i);
    const std::string name = name_at_heart(tree, tree.child(target, rt_value));
    const std::size_t before = masks_;
    if (!expression(target, level, with)) return false;
    if (masks_ == before || name.empty() || !tree.text(target).empty() || watched.contains(owner)) continue;
    if (name_at_heart(tree, tree.child(target, rt_value)) == name) continue;
    std::size_t end = a_.layout.at(tree.at(target));
    if (end == kNowhere) return a_.refuse(Refusal::unproven);
    while (!a_.layout.ends_from(end) && !a_.layout.is(end, ',') && !a_.layout.clause_from(end))
      end = a_.layout.next(end);
    a_.changes.insert(a_.layout.end_of(end - 1), Rank::append_from, {" AS " + quote_identifier(name)});
    tree.set(targets, i, tree.add(Kind::res_target, {kNone, tree.child(target, rt_value)}, name,
                                  tree.number(target), tree.at(target)));
  }
  return true;
}

// * and p.* over a relation with ruled columns: every column by name.
bool QueryWalk::expand_stars(Ref owner, std::size_t index, const Level& level) {
  Tree& tree = a_.tree;
  const Ref targets = tree.child(owner, index);
  std::vector<Ref> out;
  bool changed = false;
  for (std::size_t i = 0; i < tree.count(targets); ++i) {
    const Ref target = tree.child(targets, i);
    const Ref value = tree.child(target, rt_value);
    bool star = false;
    std::vector<std::string> fields;
    if (tree.is(value, Kind::column_ref)) fields = parts_of(tree, tree.child(value, 0), &star);
    const std::vector<Resolved> items = star ? resolve_column(&level, fields, true) : std::vector<Resolved>();
    const bool ruled = std::any_of(items.begin(), items.end(), [](const Resolved& each) {
      return each.item->protection != nullptr && !each.item->protection->columns.empty();
    });
    if (!ruled) {
      out.push_back(target);
      continue;
    }
    changed = true;
    if (!expand_star(target, fields.size(), items, level, out)) return false;
  }
  if (changed) tree.set(owner, index, tree.add(Kind::list, -1, {}, 0, out));
  return true;
}

bool QueryWalk::expand_star(Ref target, std::size_t fields, const std::vector<Resolved>& items, const Level& level,
                            std::vector<Ref>& out) {
  Tree& tree = a_.tree;
  if (tree.at(target) < 0)  // TABLE t has no list that could be written out
    return a_.refuse(Refusal::column_not_allowed, level.items.front().protection != nullptr
                                                      ? level.items.front().protection->relation->name.text()
                                                      : std::string());
  std::string text;
  std::int32_t at = tree.at(target);
  const auto put = [&](const std::string& sql, Ref value, const std::string& name) {
    text += (text.empty() ? "" : ", ") + sql + (name.empty() ? "" : " AS " + quote_identifier(name));
    out.push_back(tree.add(Kind::res_target, {kNone, value}, name, 0, at));
    at = -1;
  };
  for (const Resolved& each : items) {
    const FromItem& item = *each.item;
    const bool twice = std::count_if(level.items.begin(), level.items.end(),
                                     [&](const FromItem& other) { return other.name == item.name; }) > 1;
    const std::string object = item.protection != nullptr ? item.protection->relation->name.text() : std::string();
    // Shared columns of USING come first and once; names behind an alias are not ours to know.
    if (item.name.empty() || item.renamed || item.join_alias || twice || (fields == 0 && under_using(tree, item)))
      return a_.refuse(Refusal::column_not_allowed, object);
    if (item.protection == nullptr) {
      const Ref list = tree.list({tree.string(item.name), tree.add(Kind::star)});
      put(quote_identifier(item.name) + ".*", tree.add(Kind::column_ref, {list}), {});
      continue;
    }
    for (const Column& column : item.protection->relation->columns) {
      const std::vector<std::string> name{item.name, column.name};
      const ColumnRule* rule = rule_for(item, column.name);
      if (rule != nullptr && (rule->mask == Mask::none || !mask_fits(*rule, column.type)))
        return a_.refuse(Refusal::column_not_allowed, object + "." + column.name, rule->place);
      if (rule == nullptr) {
        put(quote_identifier(item.name) + "." + quote_identifier(column.name), column_node(tree, name), {});
        continue;
      }
      const Ref by = mask_node(tree, *rule, column, name);
      leave_inside(by, kNone);
      settled_.insert(by);
      a_.touch_masked(*item.protection, column.name);
      put(mask_text(*rule, column, name), by, column.name);
    }
  }
  const std::size_t first = a_.layout.at(tree.at(target));
  const std::size_t last = first + 2 * fields;
  if (first == kNowhere || last >= a_.layout.size()) return a_.refuse(Refusal::unproven);
  const std::size_t from = a_.layout.begin_of(first);
  a_.changes.replace(from, a_.layout.end_of(last) - from, Rank::mask, {text});
  return true;
}

}  // namespace pgward::policy::sql
