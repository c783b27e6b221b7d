#include "policy/plan.h"

#include <algorithm>

#include "policy/sql/facts.h"
#include "policy/sql/free_literals.h"
#include "policy/sql/parse.h"
#include "policy/sql/proof.h"
#include "policy/sql/statement.h"
#include "protocol/utf8.h"

namespace pgward::policy {
namespace {

// Statements in one string: each costs, and no application sends more.
constexpr std::size_t kStatementsMax = 1000;

// What the parser must not see: it is quadratic there, or reads it otherwise than the server does.
std::optional<Refusal> guard(const sql::Layout& layout, const PlanLimits& limits) {
  if (layout.comment_depth() > limits.comment_depth_max) return Refusal::too_deep;
  if (layout.operator_run() > std::min<std::size_t>(limits.operator_run_max, 1024)) return Refusal::too_large;
  if (layout.parenthesis_depth() > limits.depth_max) return Refusal::too_deep;
  if (layout.statements() > kStatementsMax) return Refusal::too_large;
  return std::nullopt;
}

Plan refused(Refusal reason) {
  Plan plan;
  plan.refusal = reason;
  return plan;
}

bool walk_one(sql::Analysis& analysis, const sql::Tree& tree, sql::Ref statement) {
  analysis.facts = {};
  analysis.statement_at = tree.at(statement);
  if (!sql::walk_statement(analysis, tree.child(statement, 0))) return false;
  if (analysis.plan.refusal) return false;  // a column rule
  // Bare names in the rest of the string would be looked up along a path that is not known yet.
  if (analysis.facts.changes_search_path) analysis.path_settled = false;
  analysis.plan.statements.push_back(std::move(analysis.facts));
  return true;
}

}  // namespace

Plan plan(const Question& question, const Policy& policy, const Catalog& catalog, const PlanLimits& limits) {
  if (policy.passes_everything()) {
    Plan nothing;
    nothing.statements.emplace_back();
    return nothing;
  }
  if (question.sql.size() > limits.sql_bytes_max) return refused(Refusal::too_large);
  if (!protocol::is_valid_utf8(question.sql)) return refused(Refusal::bad_encoding);
  const sql::Layout layout(question.sql);
  if (const auto reason = guard(layout, limits)) return refused(*reason);
  sql::Parsed parsed = sql::parse(std::string(question.sql), limits.depth_max);
  if (parsed.refusal) return refused(*parsed.refusal);
  if (question.protocol == QueryProtocol::extended && parsed.tree.statements.size() > 1)
    return refused(Refusal::multiple_statements);

  Plan result;
  sql::Analysis analysis{question, policy, catalog, layout, parsed.tree, result};
  for (const sql::Ref statement : parsed.tree.statements)
    if (!walk_one(analysis, parsed.tree, statement)) {
      Plan plain = refused(result.refusal.value_or(Refusal::unproven));
      plain.object = std::move(result.object);
      plain.place = std::move(result.place);
      return plain;
    }
  if (analysis.when_run) return std::move(*analysis.when_run);
  if (parsed.tree.statements.empty()) {
    result.statements.emplace_back();
    result.statements.back().kind = StatementKind::empty;
  }
  if (!analysis.changes.finish(result.edits) || !sql::prove(analysis, limits.depth_max))
    return refused(Refusal::unproven);
  sql::note_free_literals(parsed.tree, question.sql, result);
  sql::note_key_parameters(result);
  return result;
}

}  // namespace pgward::policy
