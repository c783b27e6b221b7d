#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

// The first refusal counts: it is the one that the reader of the statement meets first.
bool Analysis::refuse(Refusal reason, std::string object, const Place& place) {
  if (!plan.refusal) {
    plan.refusal = reason;
    plan.object = std::move(object);
    plan.place = place;
  }
  return false;
}

bool Analysis::refuse_when_run(Refusal reason, std::string object, const Place& place) {
  if (when_run) return true;
  when_run.emplace();
  when_run->refusal = reason;
  when_run->object = std::move(object);
  when_run->place = place;
  return true;
}

bool Analysis::may(StatementClass wanted) const {
  return question.role.may.contains(StatementClass::all) || question.role.may.contains(wanted);
}

namespace {

// The first rule against it: for a named column, or for all.
const std::pair<const std::string, const ColumnRule*>* forbids(const ColumnRules& rules, char action,
                                                               std::string_view column) {
  if (action != 'R' && action != 'C' && action != 'U') return nullptr;
  for (const auto& rule : rules) {
    if (column != "*" && column != rule.first) continue;
    if (action == 'R' || !rule.second->may_write) return &rule;
  }
  return nullptr;
}

}  // namespace

void Analysis::touch(const Protection& protection, char action, std::string_view column) {
  if (const auto* rule = forbids(protection.columns, action, column))
    refuse(Refusal::column_not_allowed, protection.relation->name.text() + "." + rule->first, rule->second->place);
  note_touch(protection, action, column);
}

void Analysis::touch_masked(const Protection& protection, std::string_view column) {
  for (const auto& [name, rule] : protection.columns)
    if (rule->mask == Mask::hash && (column == "*" || column == name)) runs_own_code = true;
  note_touch(protection, 'R', column);
}

void Analysis::note_touch(const Protection& protection, char action, std::string_view column) {
  if (!protection.recorded) return;
  TouchSum& sum = touches[{protection.relation->name, action}];
  sum.rule = protection.rule;
  if (column == "*")
    sum.all = true;
  else if (!column.empty())
    sum.columns.emplace(column);
}

}  // namespace pgward::policy::sql
