#include "policy/sql/utility.h"

#include "policy/sql/channel.h"
#include "policy/sql/lock.h"

namespace pgward::policy::sql {
namespace {

// As in nodes/parsenodes.h; checked by tests on the statements themselves.
enum Transaction { begin, start, commit, rollback, savepoint, release, rollback_to };
enum VariableSet { set_value, set_default, set_current, set_multi, reset, reset_all };
constexpr std::int64_t kDiscardAll = 0;

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool walk_transaction(Analysis& a, Ref node) {
  a.facts.savepoint = std::string(a.tree.text(node));  // only the statements about one have it
  switch (a.tree.number(node) & 255) {
    case begin:
    case start:
      a.facts.kind = StatementKind::begin;
      return true;
    case commit:
      a.facts.kind = StatementKind::commit;
      return true;
    case rollback:
      a.facts.kind = StatementKind::rollback;
      return true;
    case savepoint:
      a.facts.kind = StatementKind::savepoint;
      return true;
    case release:
      a.facts.kind = StatementKind::release;
      return true;
    case rollback_to:
      a.facts.kind = StatementKind::rollback_to;
      return true;
    default:
      return a.refuse(Refusal::not_supported);  // two-phase commit outlives the session
  }
}

// The value as judge_setting() sees it; lists joined as the server would show them.
std::optional<std::string> value_text(const Tree& tree, Ref args) {
  std::string out;
  for (std::size_t i = 0; i < tree.count(args); ++i) {
    Ref item = tree.child(args, i);
    if (tree.is(item, Kind::type_cast)) item = tree.child(item, child::tc_arg);  // INTERVAL '1' HOUR
    if (!tree.is(item, Kind::constant)) return std::nullopt;
    const Ref value = tree.child(item, 0);
    if (i > 0) out += ", ";
    if (tree.is(value, Kind::string) || tree.is(value, Kind::float_))
      out += tree.text(value);
    else if (tree.is(value, Kind::integer))
      out += std::to_string(tree.number(value));
    else if (tree.is(value, Kind::boolean))
      out += tree.number(value) != 0 ? "on" : "off";
    else
      return std::nullopt;
  }
  return out;
}

bool judge(Analysis& a, std::string_view name, std::string_view value) {
  if (const auto refusal = judge_setting(a.policy, name, value)) return a.refuse(*refusal);
  if (equal_ignoring_case(name, "search_path")) a.facts.changes_search_path = true;
  return true;
}

bool walk_set(Analysis& a, Ref node) {
  const Tree& tree = a.tree;
  const std::string name(tree.text(node));
  const std::int64_t kind = tree.number(node) & 255;
  a.facts.kind = kind == reset || kind == reset_all ? StatementKind::reset : StatementKind::set;
  switch (kind) {
    case set_value: {
      const auto value = value_text(tree, tree.child(node, 0));
      return value ? judge(a, name, *value) : a.refuse(Refusal::not_supported);
    }
    case set_default:
    case reset:
      return judge(a, name, "");  // back to what pgward gave at start-up
    case set_multi:               // TRANSACTION, SESSION CHARACTERISTICS; snapshots come from other sessions
      if (name == "TRANSACTION" || name == "SESSION CHARACTERISTICS") return true;
      return a.refuse(Refusal::setting_not_allowed);
    case reset_all:
      a.facts.changes_search_path = true;
      return true;
    default:
      return a.refuse(Refusal::setting_locked);  // FROM CURRENT
  }
}

}  // namespace

bool walk_utility(Analysis& a, Ref node) {
  switch (a.tree.kind(node)) {
    case Kind::transaction:
      return walk_transaction(a, node);
    case Kind::variable_set:
      return walk_set(a, node);
    case Kind::variable_show:
      a.facts.kind = StatementKind::show;
      return true;
    case Kind::discard:
      if (a.tree.number(node) == kDiscardAll) {
        a.facts.kind = StatementKind::discard_all;
        a.facts.changes_search_path = true;
      } else {
        a.facts.kind = StatementKind::other;  // PLANS, SEQUENCES, TEMP: of the own session
      }
      return true;
    case Kind::deallocate:
      a.facts.kind = a.tree.number(node) != 0 ? StatementKind::deallocate_all : StatementKind::deallocate;
      a.facts.deallocates = a.tree.text(node);
      return true;
    case Kind::channel:
      return walk_channel(a, node);
    case Kind::lock:
      a.facts.kind = StatementKind::lock;
      return walk_lock(a, node);
    default:
      return a.refuse(Refusal::not_supported);
  }
}

}  // namespace pgward::policy::sql
