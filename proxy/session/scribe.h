// Writes what a session does as audit records (audit/event.h), and puts them into its list of actions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/event.h"
#include "auth/identity.h"
#include "proxy/session/actions.h"
#include "proxy/session/audit_mode.h"
#include "proxy/session/gate.h"
#include "proxy/session/ledger.h"
#include "proxy/session/unread_text.h"

namespace pgward::proxy {

class Scribe {
 public:
  // `emergency`: the id of emergency access, which then stands in every record; empty: there is none.
  Scribe(std::string session_members, std::string session_id, std::string emergency = {}, AuditMode mode = AuditMode::closed)
      : session_members_(std::move(session_members)), session_id_(std::move(session_id)), emergency_(std::move(emergency)), mode_(mode) {}

  // Whether the log may have lost what it was told: after a failure of it everything is told in full again.
  void log_failures(std::uint64_t count) {
    if (std::exchange(log_failures_, count) != count) told_in_vain_ = last_told_;
  }
  // Of this session; access in an emergency is recorded or does not happen.
  bool reads_may_be_missed() const { return mode_ == AuditMode::closed_writes && emergency_.empty(); }

  void opened(std::string_view policy_sha256, Actions& actions) const;
  // From here on the session rests on another credential.
  void renewed(const auth::Bearer& bearer, Actions& actions) const;
  // Durable before anything goes to the server. Gives the record's members, for those who are alerted.
  std::string glass_broken(std::string_view reason, auth::UnixTime until, std::string_view policy_sha256, Actions& actions) const;
  // Durable before its answer.
  void signed_off(std::string_view id, Actions& actions) const;
  void closed(std::string_view reason, std::uint64_t statements, Actions& actions) const;
  // One intent for each statement of the text that touches PHI and may change something: a barrier for what
  // follows to the server.
  // `touched`: by statement, what it says of keys; or empty.
  void intents(const Statement& statement, std::uint64_t first_number, const std::vector<std::string>& touched, Actions& actions) const;
  // For statement number `first_number + index`, which only reads: a barrier for all that this list has for the
  // client. Without outcome: a result() follows.
  void read(const Statement& statement, std::size_t index, std::uint64_t first_number, const audit::StatementOutcome* outcome,
            std::string_view touched, bool mid_message, Actions& actions) const;
  // More of what a statement touched: a barrier as read() is.
  void touch(std::uint64_t number, std::string_view touched, bool mid_message, Actions& actions) const;
  // The session ended before its answer came: nothing was released, nobody waits.
  void unanswered_read(const Statement& statement, std::size_t index, std::uint64_t first_number, std::string_view touched, Actions& actions) const;
  void result(std::uint64_t number, const audit::StatementOutcome& outcome, std::string_view touched, Actions& actions) const;
  // The rows that the server described are of a protected table that the statement does not name.
  void mismatch(std::uint64_t number, std::string_view table, Actions& actions) const;
  // Durable before the COMMIT goes to the server.
  void commits(std::uint64_t number, const StatementRange& changes, Actions& actions) const;
  void transaction_ended(std::string_view outcome, const StatementRange& changes, bool vague, std::string_view xid,
                         Actions& actions) const;
  // Durable before the client hears anything that follows. `elements`: of "changes" (docs/audit-format.md).
  void changed(std::uint64_t number, std::string_view xid, std::string_view elements, Actions& actions) const;
  void undone(std::uint64_t number, const StatementRange& changes, Actions& actions) const;
  void denied(const Statement& statement, std::uint64_t number, policy::Refusal refusal, std::string_view object,
              Actions& actions) const;

  // Of a text that was not held.
  void denied_unread(UnreadText& text, Actions& actions) const;

  const std::string& session_id() const { return session_id_; }
  const std::string& emergency() const { return emergency_; }

 private:
  template <class Event>
  std::string told(Event event, const Statement& statement, std::size_t index) const;

  Record record(std::string members, Barrier barrier = Barrier::none, bool mid_message = false) const;

  std::string session_members_;
  std::string session_id_;
  std::string emergency_;
  AuditMode mode_;
  std::uint64_t log_failures_ = 0;
  std::uint64_t told_in_vain_ = 0;      // statements up to this one, perhaps
  mutable std::uint64_t last_told_ = 0;
};

// The name of a refusal in records: the enumerator.
std::string_view reason_of(policy::Refusal refusal);

}  // namespace pgward::proxy
