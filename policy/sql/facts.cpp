#include "policy/sql/facts.h"

#include "policy/sql/temporary.h"

namespace pgward::policy::sql {
namespace {

// `phi: all` is kept as the column "*".
void add_phi(const TouchSum& sum, const Relation* relation, Touch& touch) {
  std::set<std::string> kinds;
  std::set<std::string> columns;
  const auto add = [&](const std::string& column, const std::string& kind) {
    if (!sum.all && !sum.columns.contains(column)) return;
    columns.insert(column);
    kinds.insert(kind);
  };
  for (const auto& [column, kind] : sum.rule->phi) {
    if (column != "*") {
      add(column, kind);
      continue;
    }
    if (relation == nullptr) continue;
    for (const Column& each : relation->columns) add(each.name, kind);
  }
  touch.phi_columns.assign(columns.begin(), columns.end());
  touch.phi_kinds.assign(kinds.begin(), kinds.end());
}

}  // namespace

void finish_facts(Analysis& analysis) {
  for (const auto& [key, sum] : analysis.touches) {
    Touch touch;
    touch.relation = key.relation;
    touch.action = key.action;
    touch.all_columns = sum.all;
    if (!sum.all) touch.columns.assign(sum.columns.begin(), sum.columns.end());
    add_phi(sum, analysis.catalog.find(key.relation), touch);
    // Even a count(*) tells of the records in it; and every change is recorded. So is all that a role does which
    // sees the rows of every tenant.
    if (!sum.rule->phi.empty() || key.action != 'R' || !analysis.question.role.bound) analysis.facts.touches_phi = true;
    analysis.facts.touches.push_back(std::move(touch));
  }
  analysis.touches.clear();
  // What was copied into a temporary table is seen again: nobody knows any more from where it came.
  for (const auto& [name, action] : analysis.temporary_touches) {
    Touch touch;
    touch.relation = {kTemporarySchema, name};
    touch.action = action;
    touch.all_columns = true;
    analysis.facts.touches_phi = true;
    analysis.facts.touches.push_back(std::move(touch));
  }
  analysis.temporary_touches.clear();
  analysis.facts.keys = analysis.keys.take(analysis, analysis.facts.touches);
  StatementFacts& facts = analysis.facts;
  const bool query =
      facts.kind == StatementKind::select || facts.kind == StatementKind::values || facts.kind == StatementKind::copy;
  facts.reads_only = query && !facts.writes && !analysis.runs_own_code;
  analysis.runs_own_code = false;
}

void note_key_parameters(Plan& plan) {
  std::set<std::uint32_t> numbers;
  for (const StatementFacts& facts : plan.statements)
    if (facts.keys)
      for_each_source(*facts.keys, [&](const KeySource& source) {
        if (source.kind == KeySource::Kind::parameter) numbers.insert(source.index);
      });
  plan.key_parameters.assign(numbers.begin(), numbers.end());
}

}  // namespace pgward::policy::sql
