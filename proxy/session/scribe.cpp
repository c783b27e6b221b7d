#include "proxy/session/scribe.h"

#include <array>

#include "audit/event_transaction.h"
#include "audit/json_text.h"

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

// The one place where a record of a session is made: none can go without the mode, and the id of its emergency.
Record Scribe::record(std::string members, Barrier barrier, bool mid_message) const {
  members += mode_ == AuditMode::closed ? R"(,"mode":"closed")" : R"(,"mode":"closed-writes")";
  if (!emergency_.empty()) {
    members += ",\"break_glass\":";
    audit::append_json_string(members, emergency_);
  }
  // What only the client waits for is a read: it has happened.
  return Record{std::move(members), barrier, mid_message, barrier == Barrier::disclosure && reads_may_be_missed()};
}

void Scribe::opened(std::string_view policy_sha256, Actions& actions) const {
  actions.add(record(audit::members(audit::SessionOpen{session_members_, session_id_, policy_sha256})));
}

void Scribe::renewed(const auth::Bearer& bearer, Actions& actions) const {
  actions.add(record(audit::members(audit::SessionRenew{session_id_, bearer.credential_type, bearer.credential_id, bearer.expires_at})));
}

std::string Scribe::glass_broken(std::string_view reason, auth::UnixTime until, std::string_view policy_sha256,
                                 Actions& actions) const {
  // Its own member names the emergency.
  std::string members = audit::members(audit::BreakGlassOpen{session_members_, session_id_, emergency_, reason, until, policy_sha256});
  members += ",\"mode\":";
  audit::append_json_string(members, name_of(mode_));
  actions.add(Record{members, Barrier::effect});
  return members;
}

void Scribe::signed_off(std::string_view id, Actions& actions) const {
  actions.add(record(audit::members(audit::BreakGlassSignOff{session_members_, session_id_, id}), Barrier::effect));
}

void Scribe::closed(std::string_view reason, std::uint64_t statements, Actions& actions) const {
  actions.add(record(audit::members(audit::SessionClose{session_id_, reason, statements})));
}

// Members of an intent or a read: in full the first time, then by the number of that time. A text whose plan was told of
// for another text is told by that number and its own hash; if it comes again, in full after all.
template <class Event>
std::string Scribe::told(Event event, const Statement& statement, std::size_t index) const {
  const std::size_t count = statement.plan->statements.size();
  if (statement.told.empty()) statement.told.resize(count);
  if (!statement.plan_told_as) statement.plan_told_as = std::make_shared<std::vector<std::uint64_t>>(count);
  Statement::Told& told = statement.told[index];
  std::uint64_t& plan_told_as = (*statement.plan_told_as)[index];
  // What was told before the log failed may not be in it.
  if (told.as <= told_in_vain_) told.as = 0;
  if (plan_told_as <= told_in_vain_) plan_told_as = 0;
  last_told_ = event.statement;
  event.session_id = session_id_;
  event.like = told.as;
  if (told.as != 0) return audit::members(event);
  audit::StatementText text;
  text.sql_sha256 = statement.sql_sha256;
  text.sql_bytes = statement.sql_bytes;
  event.text = &text;
  if (plan_told_as != 0 && !told.alike) {
    told.alike = true;
    event.like = plan_told_as;
    return audit::members(event);
  }
  told.as = plan_told_as = event.statement;
  const policy::StatementFacts& facts = statement.plan->statements[index];
  const auto tables = tables_of(facts);
  text.session_members = session_members_;
  text.kind = policy::name_of(facts.kind);
  text.policy_sha256 = statement.world->policy->source_sha256;
  text.rewritten = statement.changed();
  text.tables = &tables;
  return audit::members(event);
}

void Scribe::intents(const Statement& statement, std::uint64_t first_number, const std::vector<std::string>& touched, Actions& actions) const {
  for (std::size_t i = 0; i < statement.plan->statements.size(); ++i) {
    const policy::StatementFacts& facts = statement.plan->statements[i];
    if (!facts.touches_phi || facts.reads_only) continue;
    audit::StatementIntent intent;
    intent.statement = first_number + i;
    if (i < touched.size()) intent.touched = touched[i];
    actions.add(record(told(intent, statement, i), Barrier::effect));
  }
}

void Scribe::read(const Statement& statement, std::size_t index, std::uint64_t first_number,
                  const audit::StatementOutcome* outcome, std::string_view touched, bool mid_message, Actions& actions) const {
  audit::StatementRead read;
  read.statement = first_number + index;
  read.outcome = outcome;
  read.touched = touched;
  actions.record_before_answers(record(told(read, statement, index), Barrier::disclosure, mid_message));
}

void Scribe::touch(std::uint64_t number, std::string_view touched, bool mid_message, Actions& actions) const {
  actions.record_before_answers(record(audit::members(audit::StatementTouch{session_id_, number, touched}), Barrier::disclosure, mid_message));
}

void Scribe::mismatch(std::uint64_t number, std::string_view table, Actions& actions) const {
  actions.record_before_answers(record(audit::members(audit::StatementMismatch{session_id_, number, table}), Barrier::disclosure));
}

void Scribe::unanswered_read(const Statement& statement, std::size_t index, std::uint64_t first_number, std::string_view touched,
                             Actions& actions) const {
  const audit::StatementOutcome unknown{0, "unknown"};
  audit::StatementRead read;
  read.statement = first_number + index;
  read.outcome = &unknown;
  read.touched = touched;
  actions.add(record(told(read, statement, index)));
}

void Scribe::result(std::uint64_t number, const audit::StatementOutcome& outcome, std::string_view touched, Actions& actions) const {
  actions.add(record(audit::members(audit::StatementResult{session_id_, number, outcome, touched})));
}

void Scribe::commits(std::uint64_t number, const StatementRange& changes, Actions& actions) const {
  actions.add(record(audit::members(audit::TransactionCommit{session_id_, number, changes.from, changes.through}), Barrier::effect));
}

void Scribe::transaction_ended(std::string_view outcome, const StatementRange& changes, bool vague, std::string_view xid,
                               Actions& actions) const {
  audit::TransactionEnd end;
  end.session_id = session_id_;
  end.outcome = outcome;
  end.from = changes.from;
  end.through = changes.through;
  end.vague = vague;
  end.xid = xid;
  actions.add(record(audit::members(end)));
}

void Scribe::changed(std::uint64_t number, std::string_view xid, std::string_view elements, Actions& actions) const {
  Record told = record(audit::members(audit::StatementChange{session_id_, number, xid, elements}), Barrier::disclosure);
  told.may_be_missed = false;
  actions.add(std::move(told));
}

void Scribe::undone(std::uint64_t number, const StatementRange& changes, Actions& actions) const {
  actions.add(record(audit::members(audit::TransactionUndone{session_id_, number, changes.from, changes.through})));
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
  actions.add(record(audit::members(deny)));
}

void Scribe::denied_unread(UnreadText& text, Actions& actions) const {
  const std::string hash = text.sha256();
  audit::StatementDeny deny;
  deny.session_members = session_members_;
  deny.session_id = session_id_;
  deny.statement = text.number();
  deny.sql_sha256 = hash;
  deny.sql_bytes = text.bytes();
  deny.reason = reason_of(text.refusal());
  deny.sqlstate = policy::text_of(text.refusal()).sqlstate;
  actions.add(record(audit::members(deny)));
}

std::string_view reason_of(policy::Refusal refusal) {
  static constexpr std::array<std::string_view, 31> kNames{
      "unparsable", "too_large", "too_deep", "bad_encoding", "not_supported", "multiple_statements",
      "unknown_relation", "relation_not_listed", "relation_read_only", "function_not_allowed",
      "operator_not_allowed", "setting_locked", "setting_not_allowed", "statement_not_allowed",
      "foreign_tenant", "missing_tenant", "unproven", "search_path_unsettled", "duplicate_prepared",
      "audit_unavailable", "policy_unavailable", "bad_copy_data", "copy_row_too_large",
      "unknown_cursor", "unknown_prepared", "column_not_allowed", "too_many_prepared", "temporary_name",
      "no_memory", "credential_refused", "sign_off_refused"};
  // A reason that is missing here would go into the trail under another's name.
  static_assert(kNames.size() == static_cast<std::size_t>(policy::Refusal::count_));
  const auto index = static_cast<std::size_t>(refusal);
  return index < kNames.size() ? kNames[index] : "policy_unavailable";
}

}  // namespace pgward::proxy
