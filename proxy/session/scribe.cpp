#include "proxy/session/scribe.h"

#include <array>

namespace pgward::proxy {
namespace {

std::vector<audit::TouchedTable> tables_of(const policy::StatementFacts& facts) {
  std::vector<audit::TouchedTable> tables;
  tables.reserve(facts.touches.size());
  for (const policy::Touch& touch : facts.touches)
    tables.push_back({touch.relation.text(), touch.action, touch.columns, touch.all_columns, touch.phi_kinds});
  return tables;
}

}  // namespace

void Scribe::opened(std::string_view policy_sha256, Actions& actions) const {
  actions.add(Record{audit::members(audit::SessionOpen{session_members_, session_id_, policy_sha256}), false});
}

void Scribe::closed(std::string_view reason, std::uint64_t statements, Actions& actions) const {
  actions.add(Record{audit::members(audit::SessionClose{session_id_, reason, statements}), false});
}

void Scribe::intents(const Statement& statement, std::uint64_t first_number, Actions& actions) const {
  std::uint64_t number = first_number;
  for (const policy::StatementFacts& facts : statement.plan->statements) {
    if (facts.touches_phi) {
      const auto tables = tables_of(facts);
      audit::StatementIntent intent;
      intent.session_members = session_members_;
      intent.session_id = session_id_;
      intent.statement = number;
      intent.kind = policy::name_of(facts.kind);
      intent.sql_sha256 = statement.sql_sha256;
      intent.sql_bytes = statement.sql_bytes;
      intent.policy_sha256 = statement.world->policy->source_sha256;
      intent.rewritten = statement.changed();
      intent.tables = &tables;
      actions.add(Record{audit::members(intent), true});
    }
    ++number;
  }
}

void Scribe::result(std::uint64_t number, std::uint64_t rows, std::string_view sqlstate, Actions& actions) const {
  actions.add(Record{audit::members(audit::StatementResult{session_id_, number, rows, sqlstate}), false});
}

void Scribe::denied(const Statement& statement, std::uint64_t number, policy::Refusal refusal, std::string_view object,
                    Actions& actions) const {
  audit::StatementDeny deny;
  deny.session_members = session_members_;
  deny.session_id = session_id_;
  deny.statement = number;
  deny.sql_sha256 = statement.sql_sha256;
  deny.sql_bytes = statement.sql_bytes;
  deny.reason = reason_of(refusal);
  deny.sqlstate = policy::text_of(refusal).sqlstate;
  deny.object = object;
  actions.add(Record{audit::members(deny), false});
}

std::string_view reason_of(policy::Refusal refusal) {
  static constexpr std::array<std::string_view, 20> kNames{
      "unparsable", "too_large", "too_deep", "bad_encoding", "not_supported", "multiple_statements",
      "unknown_relation", "relation_not_listed", "relation_read_only", "function_not_allowed",
      "operator_not_allowed", "setting_locked", "setting_not_allowed", "statement_not_allowed",
      "foreign_tenant", "missing_tenant", "unproven", "search_path_unsettled", "duplicate_prepared",
      "audit_unavailable"};
  const auto index = static_cast<std::size_t>(refusal);
  return index < kNames.size() ? kNames[index] : "policy_unavailable";
}

}  // namespace pgward::proxy
