// What becomes of changes: a COMMIT of them is recorded before it is forwarded, and how the transaction ended when the server
// has said so.
//
// Of statements outside a transaction block each is a transaction of its own, and its result says how it ended; a record
// of the transaction follows only where that is not true: a deferred constraint that fails at Sync, the first statements
// of a string or a pipeline that fails later.
#include "policy/plan.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {
namespace {

bool changes_phi(const policy::StatementFacts& facts) { return facts.touches_phi && !facts.reads_only; }

}  // namespace

bool Relay::commits_changes(const Statement& statement) const {
  if (statement.refusal || !ledger_.uncommitted()) return false;
  const auto& statements = statement.plan->statements;
  return std::any_of(statements.begin(), statements.end(), [](const auto& facts) { return facts.kind == policy::StatementKind::commit; });
}

// Statement `number` is about to be forwarded.
void Relay::note_sent(const policy::StatementFacts& facts, std::uint64_t number, Actions& actions) {
  if (changes_phi(facts)) ledger_.sent(number);
  if (facts.kind != policy::StatementKind::commit) return;
  if (const auto changes = ledger_.unsettled()) scribe_.commits(number, *changes, actions);
}

// The server has answered it.
void Relay::note_done(const policy::StatementFacts& facts, std::uint64_t number, std::string_view sqlstate, Actions& actions) {
  using enum policy::StatementKind;
  answered_ = number;
  if (facts.kind == call && sqlstate != "skipped") procedure_ran_ = true;
  if (sqlstate != "00000") {
    // It may have committed a part of what it did before it failed.
    if (facts.kind == call && changes_phi(facts) && sqlstate != "skipped" && sqlstate != "unknown" && transaction_ == 'I') ledger_.ran(number);
    return;
  }
  if (changes_phi(facts)) ledger_.ran(number);
  if (facts.kind == savepoint) ledger_.savepoint(facts.savepoint, number);
  if (facts.kind == release) ledger_.released(facts.savepoint);
  if (facts.kind != rollback_to) return;
  if (const auto undone = ledger_.rolled_back_to(facts.savepoint, number)) scribe_.undone(number, *undone, actions);
}

void Relay::took_effect(const policy::StatementFacts& facts) {
  using enum policy::StatementKind;
  if (facts.kind == ddl) schema_changed_ = true;
  if (facts.kind == deallocate) names_.prepared.forget(key_of(facts.deallocates));
  if (facts.kind == deallocate_all || facts.kind == discard_all) names_.prepared.forget_all();
  if (facts.kind == discard_all) {
    names_.portals.forget_all();
    temporary_.gone();
  }
}

// COMMIT of a failed transaction answers ROLLBACK.
void Relay::note_block_end(ByteView tag, Actions& actions) {
  transaction_over(tag.starts_with("COMMIT") ? "committed" : "rolled_back", actions);
}

void Relay::note_ready(Actions& actions) {
  const bool failed = std::exchange(failed_, false);
  if (transaction_ != 'I') return;
  // Its result has said so already.
  if (!failed) return void(forget_transaction());
  transaction_over(procedure_ran_ ? "unknown" : "rolled_back", actions);
}

std::optional<StatementRange> Relay::forget_transaction() {
  procedure_ran_ = false;
  if (changes_) changes_->forget_xid();
  return ledger_.ended(answered_);
}

void Relay::transaction_over(std::string_view outcome, Actions& actions) {
  const bool vague = ledger_.vague() && outcome == "committed";
  if (const auto changes = forget_transaction()) scribe_.transaction_ended(outcome, *changes, vague, {}, actions);
}

// The session ends. With nothing owed, what is open goes with the connection; else a COMMIT may have got through.
void Relay::note_close(Actions& actions) {
  if (queue_.empty()) return transaction_over("rolled_back", actions);
  if (const auto changes = ledger_.unsettled()) scribe_.transaction_ended("unknown", *changes, false, changes_ ? changes_->xid() : std::string_view{}, actions);
}

}  // namespace pgward::proxy
