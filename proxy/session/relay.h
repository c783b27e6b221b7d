// A session whose client is known and whose server connection is ready: the journey of each statement.
//
//   client message -> decode -> judge (Gate) -> record (Scribe) -> server
//   server message -> what it answers (ReplyQueue) -> scrub, record the outcome -> client
//
// A refusal travels through the server: in place of the refused message one is sent that is bound to fail
// there and does nothing, and the server's error is replaced by ours. So the order of replies, skipping to
// Sync, the state of the transaction and the undoing of an implicit one are the server's own and cannot be
// got wrong here.
//
// Every (state, message) pair that is not listed closes the session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "policy/copy_in/rows.h"
#include "protocol/bind.h"
#include "protocol/frame.h"
#include "proxy/session/actions.h"
#include "proxy/session/bound.h"
#include "proxy/session/change_book.h"
#include "proxy/session/error_back.h"
#include "proxy/session/expected.h"
#include "proxy/session/front_door.h"
#include "proxy/session/hidden_columns.h"
#include "proxy/session/ledger.h"
#include "proxy/session/key_ring.h"
#include "proxy/session/lifetime.h"
#include "proxy/session/own_words.h"
#include "proxy/session/plan_job.h"
#include "proxy/session/recent_statements.h"
#include "proxy/session/scribe.h"
#include "proxy/session/search_path.h"
#include "proxy/session/services.h"
#include "proxy/session/session_names.h"
#include "proxy/session/temporary_tables.h"
#include "proxy/session/touched_rows.h"
#include "proxy/session/unread_text.h"

namespace pgward::proxy {

// Why a session ended that its client has ended.
inline constexpr std::string_view kTerminated = "client terminated";

class Relay {
 public:
  Relay(Services& services, Admitted admitted, Scribe scribe);

  // Take what they can from the front of `input` and move it on; what is left must be given again, with
  // more behind it. Client input may be left although whole messages are in it: then the relay is
  // waiting() for the server, and client() is to be called again after the next server().
  void client(ByteView& input, Actions& actions);
  void server(ByteView& input, Actions& actions);
  bool waiting() const { return waiting_; }
  // The client has said good-bye: what it says after that nobody hears.
  bool leaving() const { return leaving_; }

  // True between statements: nothing is owed and no transaction is open. Also of a session whose messages are not looked
  // at: a good-bye is not seen there either, and a cancel must not hit what was asked before it.
  bool idle() const { return open_ || (queue_.empty() && transaction_ == 'I'); }
  // `client_spoke_last`: of a session whose messages are not looked at, all that is known.
  Rest rest(bool client_spoke_last) const {
    if (open_ ? client_spoke_last : !queue_.empty()) return !open_ && (copy_ || mid_segment_) ? Rest::awaits_client : Rest::busy;
    return transaction_ == 'I' ? Rest::idle : Rest::in_transaction;
  }
  bool over() const { return over_; }
  const Bound& bound() const { return *bound_; }
  // Since when it has changed the catalog for whose reading a message waits; 0: none does.
  auth::UnixTime awaits_catalog_since() { return waiting_ && catalog_stale() ? awaits_catalog_since_ : 0; }
  void trim() { queue_.trim(); }  // gives back what an idle session does not need
  void close(std::string_view why, Actions& actions);
  void end(SessionError error, Actions& actions);  // FATAL to the client, then close
  std::uint64_t statements() const { return statements_; }

 private:
  // client side (relay_client.cpp, relay_undecided.cpp): false = not now, the message stays where it is
  bool client_message(char type, ByteView body, ByteView whole, Actions& actions);
  bool query(ByteView body, ByteView whole, Actions& actions);
  bool extended_message(char type, ByteView body, ByteView whole, Actions& actions);
  bool parse(ByteView body, ByteView whole, Actions& actions);
  bool bind(ByteView body, ByteView whole, Actions& actions);
  bool describe(ByteView body, ByteView whole, Actions& actions);
  bool execute(ByteView body, ByteView whole, Actions& actions);
  bool close_name(ByteView body, ByteView whole, Actions& actions);
  void terminate(ByteView whole, Actions& actions);
  void sync(ByteView whole, Actions& actions);
  std::shared_ptr<const Statement> judge(ByteView sql, policy::QueryProtocol protocol, bool& wait, Actions& actions);
  bool planned(ByteView sql, policy::QueryProtocol protocol, const std::shared_ptr<const World>& world,
               std::shared_ptr<const policy::Plan>& ready, Actions& actions);
  bool catalog_stale();
  void catalog_changed();
  std::shared_ptr<const Statement> judge_own(const OwnStatement& own, std::size_t sql_bytes);  // relay_own.cpp
  std::optional<policy::Refusal> change_own(const Statement& statement, Actions& actions);
  bool may_sign_off(std::string_view id);
  std::string own_value(OwnSetting setting) const;
  bool shows_own() const {
    return !open_ && !queue_.empty() && queue_.front().statement && queue_.front().statement->shows && !queue_.front().refusal;
  }
  void own_row(Expected& entry, Actions& actions);
  bool may_settle_path(Actions& actions);
  std::uint64_t names_version() const;
  void sent(const policy::StatementFacts& facts);
  void refuse_query(Expected entry, policy::Refusal refusal, std::string_view object, Actions& actions);
  void refuse_message(Expected entry, std::optional<policy::Refusal> refusal, std::string_view object, Actions& actions);
  bool recordable(const Statement& statement);
  std::uint64_t record_intents(const Statement& statement, const std::shared_ptr<const Prepared>& portal, Actions& actions);

  // messages that are passed on in pieces (relay_large.cpp)
  enum class BindFate : std::uint8_t { wait, forward, refused };
  enum class Large : std::uint8_t { no, undecided, wait, taken };
  BindFate take_bind(const protocol::Bind& message, const Hidden* whole_with, Actions& actions);
  std::size_t bytes_max(char type) const;
  Large hold(const protocol::FrameHeader& header, ByteView input, Actions& actions);
  Large refuse_unread(const protocol::FrameHeader& header, ByteView input, policy::Refusal refusal, Actions& actions);
  Large large_bind(const protocol::FrameHeader& header, ByteView input, Actions& actions);
  void begin_passing(std::size_t bytes, bool nowhere);
  void pass_on(ByteView& input, Actions& actions);
  void tell_unread(Actions& actions);

  // previous and new values (relay_changes.cpp)
  void open_changes(std::string word);
  std::uint64_t running_number() const;
  bool take_change(ByteView body, Actions& actions);
  void tell_changes(Actions& actions);

  // what becomes of changes (relay_transaction.cpp)
  bool commits_changes(const Statement& statement) const;
  void note_sent(const policy::StatementFacts& facts, std::uint64_t number, Actions& actions);
  void note_done(const policy::StatementFacts& facts, std::uint64_t number, std::string_view sqlstate, Actions& actions);
  void note_block_end(ByteView tag, Actions& actions);
  void note_ready(Actions& actions);
  void note_close(Actions& actions);
  std::optional<StatementRange> forget_transaction();
  void transaction_over(std::string_view outcome, Actions& actions);
  // which records and patients are touched (relay_touched.cpp)
  bool rows_described(ByteView body, Passed whole, Actions& actions);
  bool see_description(ByteView body, Actions& actions);
  bool see_front(const protocol::FrameHeader& header, Actions& actions);
  bool no_rows(Passed whole, Actions& actions);
  void ask_for_rows(const Expected& entry, std::string_view portal, Actions& actions);
  bool undeclared(const Statement& statement, std::size_t index, std::uint64_t number, const RowShape& shape, Actions& actions);
  std::shared_ptr<TouchedRows> touched_by(const Statement& statement, std::size_t index, const std::shared_ptr<const Prepared>& portal);
  TouchedRows* touched_of(Expected& entry, Actions& actions);
  void see_rows(ByteView rows, Actions& actions);
  void see_piece(ByteView piece);
  std::string tell(TouchedRows& touched, TouchedRows::Moment moment, std::uint64_t number);
  std::string last_keys(Expected& entry, bool first, std::uint64_t number, Actions& actions);
  std::string intent_keys(const Statement& statement, std::size_t index, std::uint64_t number, const std::shared_ptr<const Prepared>& portal);

  // columns that the client must not see (relay_hidden.cpp)
  enum class Trim { nothing, taken, wait, broken };
  bool hidden_in(std::shared_ptr<const Statement> statement, std::shared_ptr<const Statement>& hides) const;
  bool described(char kind, ByteView name, Expected& entry) const;
  bool hidden_in_bind(const protocol::Bind& message, Hidden& hidden) const;
  Hidden hidden() const;
  Trim trim(ByteView& input, Actions& actions);
  bool trim_description(const Hidden& hidden, ByteView message, Actions& actions);
  Trim trim_rows(const Hidden& hidden, const protocol::FrameHeader& header, ByteView& input, Actions& actions);

  // COPY .. FROM STDIN (relay_copy.cpp)
  bool copy_awaited() const;
  bool copy_begins(ByteView body, Passed whole, Actions& actions);
  void copy_fails(policy::Refusal refusal, Actions& actions);
  void copy_data(ByteView piece, ByteView whole, Actions& actions);
  bool take_copy_data(ByteView& input, Actions& actions);
  bool copy_message(char type, ByteView whole, Actions& actions);

  // server side (relay_server.cpp)
  bool server_message(char type, ByteView message, Actions& actions);
  ErrorBack scrubbed(ClientError::Type type, ByteView body, const Statement* about) const;
  void stream_through(ByteView& input, Actions& actions);
  bool begin_stream(char type);
  bool pass_rows(ByteView& input, Actions& actions);
  bool notification(ByteView body, Actions& actions);
  void completed(ByteView body, Passed whole, Actions& actions);
  void suspended(Passed whole, Actions& actions);
  void answered(Expected::Kind kind, Passed whole, Actions& actions);
  void error(ByteView body, Actions& actions);
  void ready(ByteView body, Passed whole, Actions& actions);
  bool probe_message(char type, ByteView body, Actions& actions);
  void take_server_messages(ByteView& input, Actions& actions);
  void record_rows(Actions& actions);
  void statement_done(Expected& entry, std::uint64_t rows, std::string_view sqlstate, Actions& actions);
  void took_effect(const policy::StatementFacts& facts);
  void drop_to_sync(bool first_failed, Actions& actions);
  void drop(Expected& entry, bool failed, std::string_view sqlstate, Actions& actions);
  bool broken(Actions& actions);

  Services& services_;
  std::shared_ptr<const Bound> bound_;
  Scribe scribe_;
  KeyRing keys_;
  bool open_;  // nothing is protected: client bytes are not looked at
  OwnWords own_words_;  // ... but for these

  ReplyQueue queue_;
  SessionNames names_;
  SearchPath path_;
  TemporaryTables temporary_;
  RecentStatements recent_;
  std::uint64_t segment_ = 1;     // of the client's messages; a Sync ends one
  std::uint64_t statements_ = 0;  // numbers of statements given out
  Ledger ledger_;
  std::unique_ptr<ChangeBook> changes_;  // null: nothing tells of any
  std::uint64_t changes_number_ = 0;     // the statement of those that gather in it
  std::uint64_t answered_ = 0;    // number of the last statement that the server has answered
  bool failed_ = false;           // an error came since the last ReadyForQuery
  bool procedure_ran_ = false;    // in the open transaction; one may commit on its own
  bool adds_keys_ = false;        // a statement was sent whose answer has columns that the client must not see
  bool skipping_ = false;         // the server ignores everything up to the next Sync
  bool over_ = false;
  bool waiting_ = false;
  bool leaving_ = false;
  char transaction_ = 'I';        // of the last ReadyForQuery

  PassingMessage streaming_;      // a large message of the server, of which the rest is still to pass through
  bool mid_message_ = false;      // when this call of server() began, the client had a part of a message
  bool streaming_hidden_ = false; // ... to nobody: rows that the client did not ask for
  std::size_t streaming_head_ = 0;  // of its first bytes: type and length, which are not part of a row
  TouchedRows* streaming_row_ = nullptr;  // the row that passes is looked at
  std::string probe_answer_;
  bool probe_failed_ = false;     // until a statement was refused for it
  bool catalog_changing_ = false; // DDL went through, and its transaction is open
  bool schema_changed_ = false;   // ... and it was this session's to make
  std::uint64_t awaits_catalog_ = 0;  // Services::next_catalog(): nothing is decided before it was read
  auth::UnixTime awaits_catalog_since_ = 0;
  std::shared_ptr<PlanJob> job_;  // of the message at the front

  std::unique_ptr<policy::CopyRows> copy_;  // the server takes rows from the client
  std::size_t copy_data_left_ = 0;        // bytes of a CopyData message that are still to come
  std::size_t passing_ = 0;               // bytes of another large message that are still to go on
  std::unique_ptr<UnreadText> unread_;    // ... of a text that was refused, and is recorded when it has passed
  bool passing_nowhere_ = false;          // ... or to be dropped
  std::size_t bind_tried_ = 0;            // so much of a large Bind was not enough to decide it
  MessageMemory::Share held_;             // of a message that is not complete, or of a row of COPY
  bool mid_segment_ = false;      // extended messages were sent since the last Sync or Query
};

}  // namespace pgward::proxy
