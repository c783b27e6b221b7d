// The server's messages: matched with what they answer, scrubbed, their outcome recorded.
#include "policy/plan.h"
#include "protocol/command_complete.h"
#include "protocol/data_row.h"
#include "protocol/ready_for_query.h"
#include "proxy/session/ddl_tag.h"
#include "proxy/session/error_back.h"
#include "proxy/session/pinned_settings.h"
#include "proxy/session/relay.h"
#include "proxy/session/touched_rows.h"

namespace pgward::proxy {
namespace {

using Kind = Expected::Kind;

// Messages that we read; they are small, but for errors that quote a whole row.
constexpr std::size_t kReadBytesMax = 16u << 20;

// Passed on as they come, in pieces of any size: never held as a whole.
bool streams(char type) {
  switch (type) {
    case 'D': case 't': case 'd': case 'c': case 'H': case 'W': case 'A': case 'V':
      return true;
    default:
      return false;
  }
}

// Nothing that anybody else sees: the catalog need not be read again for it.
bool of_temporary_table(const Expected& entry) {
  if (!entry.statement || !entry.statement->plan || entry.done >= entry.statement->plan->statements.size()) return false;
  const auto kind = entry.statement->plan->statements[entry.done].kind;
  return kind == policy::StatementKind::create_table || kind == policy::StatementKind::drop_table;
}

bool ends_transaction_block(const Expected& entry) {
  if (!entry.statement || !entry.statement->plan || entry.done >= entry.statement->plan->statements.size()) return false;
  const auto kind = entry.statement->plan->statements[entry.done].kind;
  return kind == policy::StatementKind::commit || kind == policy::StatementKind::rollback;
}

bool runs(const Expected& entry) { return entry.kind == Kind::query || entry.kind == Kind::execute; }
bool extended(Kind kind) { return kind != Kind::sync && kind != Kind::query && kind != Kind::probe; }

}  // namespace

Relay::Relay(Services& services, Admitted admitted, Scribe scribe)
    : services_(services), bound_(services.shared(std::make_unique<Bound>(std::move(admitted)))), scribe_(std::move(scribe)),
      keys_(std::move(admitted.subject_key), services.limits().seal_keys),
      open_(bound_->world->policy->passes_everything()), names_(services.prepared_memory()), held_(services.message_memory()) {
  names_.names_max = services.limits().prepared_statements;
  names_.bytes_max = services.limits().prepared_bytes;
  open_changes(std::move(admitted.changes_word));
  if (const policy::Catalog* catalog = bound_->world->catalog(bound_->caller.catalog_name()))
    path_.start({bound_->world, &catalog->default_search_path}, !bound_->search_path_given);
}

void Relay::close(std::string_view why, Actions& actions) {
  if (over_) return;
  over_ = true;
  tell_changes(actions);
  tell_unread(actions);
  note_close(actions);
  // What was recorded as intended and not answered: nobody can know.
  while (!queue_.empty()) {
    drop(queue_.front(), false, "unknown", actions);
    queue_.pop_front();
  }
  scribe_.closed(why, statements_, actions);
  actions.add(Close{why});
}

void Relay::end(SessionError error, Actions& actions) {
  if (over_) return;
  // In the middle of a message nothing of our own may be sent: the client would read it as that message's end.
  if (!streaming_.under_way()) actions.send_to_client(ClientError(error));
  close(text_of(error).why, actions);
}

bool Relay::broken(Actions& actions) {
  end(SessionError::upstream_broken, actions);
  return true;
}

void Relay::stream_through(ByteView& input, Actions& actions) {
  const Passed piece = streaming_.take(input);
  see_piece(piece.bytes());
  if (!streaming_hidden_) actions.forward_to_client(piece);
}

// A message that is passed on without being held: does it have its place here?
bool Relay::begin_stream(char type) {
  if (queue_.empty() || queue_.front().refusal) return false;
  Expected& entry = queue_.front();
  switch (type) {
    case 'D': case 'd':
      ++entry.rows;
      return runs(entry);
    case 'H': case 'c':
      return runs(entry);
    case 't':
      return entry.kind == Kind::describe;
    default:
      return false;  // CopyBothResponse, FunctionCallResponse: never asked for
  }
}

void Relay::server(ByteView& input, Actions& actions) {
  scribe_.log_failures(services_.audit_failures());
  mid_message_ = streaming_.under_way() && !streaming_hidden_;
  take_server_messages(input, actions);
  if (open_) return;  // nothing is recorded, and no names are kept
  record_rows(actions);
  names_.count();
}

// Rows (DataRow, CopyData) that are here as a whole: they come by the thousand, and nothing but their number is of interest. False: there
// is none, or not in its place.
bool Relay::pass_rows(ByteView& input, Actions& actions) {
  const char type = input.front();
  if (shows_own()) return false;
  if (!open_ && (queue_.empty() || queue_.front().refusal || !runs(queue_.front()))) return false;
  std::uint64_t rows = 0;
  const Passed passed = Passed::run(type, input, rows);
  if (rows == 0) return false;
  if (!open_) {
    queue_.front().rows += rows;
    if (type == 'D') see_rows(passed.bytes(), actions);
    if (over_) return true;
  }
  actions.forward_to_client(passed);
  return true;
}

void Relay::take_server_messages(ByteView& input, Actions& actions) {
  while (!over_ && !input.empty()) {
    if (streaming_.under_way()) {
      stream_through(input, actions);
      continue;
    }
    const Trim trimmed = adds_keys_ ? trim(input, actions) : Trim::nothing;
    if (trimmed == Trim::broken) return void(broken(actions));
    if (trimmed == Trim::wait) return;
    if (trimmed == Trim::taken) continue;
    if ((input.front() == 'D' || input.front() == 'd') && pass_rows(input, actions)) continue;
    const auto header = protocol::peek_frame(input);
    if (!header) return;
    if (!header->sound()) return void(broken(actions));
    const bool probing = !open_ && !queue_.empty() && queue_.front().kind == Kind::probe;
    const bool own_row_due = header->type == 'D' && shows_own();
    if ((streams(header->type) || (open_ && header->type == 'T')) && !probing && !own_row_due && (open_ || header->type != 'A')) {
      if (!open_) {
        if (header->type == 'D' && !queue_.empty() && runs(queue_.front())) {
          const TouchedRows* touched = touched_of(queue_.front(), actions);
          if (over_ || (touched != nullptr && touched->waits(header->frame_bytes(), input.size()))) return;
        }
        if (!begin_stream(header->type)) return void(broken(actions));
      }
      streaming_hidden_ = false;
      if (header->type == 'D' && !see_front(*header, actions)) return;
      if (!streaming_.begin(*header)) return void(broken(actions));
      continue;
    }
    if (header->frame_bytes() > kReadBytesMax) return void(broken(actions));
    if (input.size() < header->frame_bytes()) return;
    const ByteView whole = input.substr(0, header->frame_bytes());
    input.remove_prefix(whole.size());
    server_message(header->type, whole, actions);
  }
}

bool Relay::server_message(char type, ByteView message, Actions& actions) {
  const ByteView body = message.substr(5);
  if (type == 'N' && take_change(body, actions)) return true;
  if (type != 'N') tell_changes(actions);
  if (type == 'E') return error(body, actions), true;
  if (type == 'N') {
    const Statement* about = queue_.empty() ? nullptr : queue_.front().statement.get();
    actions.send_to_client(scrubbed(ClientError::Type::notice, body, about).message);
    return true;
  }
  const auto seen = Passed::message(message);
  if (!seen) return broken(actions);
  const Passed whole = *seen;
  if (open_) {
    if (type == 'Z') transaction_ = body.empty() ? 'I' : body[0];
    return actions.forward_to_client(whole), true;
  }
  if (type == 'S') {
    if (breaks_pinned_setting(body)) return end(SessionError::upstream_setting_changed, actions), true;
    return actions.forward_to_client(whole), true;
  }
  if (type == 'A') return notification(body, actions);
  if (queue_.empty()) return broken(actions);
  if (queue_.front().kind == Kind::probe) return probe_message(type, body, actions);
  switch (type) {
    case 'D': own_row(queue_.front(), actions); return true;
    case '1': answered(Kind::parse, whole, actions); return true;
    case '2': answered(Kind::bind, whole, actions); return true;
    case '3':
      answered(queue_.front().kind == Kind::close_statement ? Kind::close_statement : Kind::close_portal, whole, actions);
      return true;
    case 'G': return copy_begins(body, whole, actions);
    case 'T': return rows_described(body, whole, actions);
    case 'n': return no_rows(whole, actions);
    case 'C': case 'I': completed(type == 'C' ? body : ByteView{}, whole, actions); return true;
    case 's': suspended(whole, actions); return true;
    case 'Z': ready(body, whole, actions); return true;
    default: return broken(actions);
  }
}

void Relay::answered(Kind kind, Passed whole, Actions& actions) {
  Expected& entry = queue_.front();
  if (entry.kind != kind || entry.refusal) return void(broken(actions));
  switch (kind) {
    case Kind::parse: names_.prepared.succeeded(entry.name, entry.prepared); break;
    case Kind::bind: names_.portals.succeeded(entry.name, entry.prepared); break;
    case Kind::close_statement: names_.prepared.succeeded(entry.name, nullptr); break;
    case Kind::close_portal: names_.portals.succeeded(entry.name, nullptr); break;
    default: break;
  }
  queue_.pop_front();
  actions.forward_to_client(whole);
}

void Relay::statement_done(Expected& entry, std::uint64_t rows, std::string_view sqlstate, Actions& actions) {
  if (!entry.statement || entry.first_number == 0) return;
  const auto& statements = entry.statement->plan->statements;
  if (entry.done < statements.size()) {
    const auto& facts = statements[entry.done];
    const audit::StatementOutcome outcome{rows, sqlstate};
    const std::uint64_t number = entry.first_number + entry.done;
    const bool reads = reads_phi(entry);
    std::string touched = sqlstate == "skipped" ? std::string() : last_keys(entry, reads && !entry.read_recorded, number, actions);
    if (over_ && sqlstate != "unknown") return;
    if (reads && !entry.read_recorded) {
      if (sqlstate == "unknown")
        scribe_.unanswered_read(*entry.statement, entry.done, entry.first_number, touched, actions);
      else if (sqlstate != "skipped")  // one that never ran disclosed nothing
        scribe_.read(*entry.statement, entry.done, entry.first_number, &outcome, touched, mid_message_, actions);
    } else if (facts.touches_phi) {
      if (reads && !touched.empty()) scribe_.touch(number, std::exchange(touched, {}), mid_message_, actions);
      scribe_.result(number, outcome, touched, actions);
    }
    if (sqlstate == "00000") took_effect(facts);
    note_done(facts, entry.first_number + entry.done, sqlstate, actions);
    settle(names_, entry, entry.done, sqlstate == "00000");
  }
  ++entry.done;
  entry.rows = 0;
  entry.read_recorded = false;
  entry.touched.reset();
}

void Relay::completed(ByteView body, Passed whole, Actions& actions) {
  Expected& entry = queue_.front();
  if ((entry.kind != Kind::query && entry.kind != Kind::execute) || entry.refusal) return void(broken(actions));
  std::uint64_t rows = entry.rows;
  const bool ends_block = ends_transaction_block(entry);
  if (!body.empty()) {
    auto tag = protocol::decode_command_complete(body);
    if (tag && tag->has_rows) rows = tag->rows;
    if (!open_ && may_change_catalog(body) && !of_temporary_table(entry)) catalog_changing_ = true;
  }
  statement_done(entry, rows, "00000", actions);
  if (over_) return;
  if (ends_block) note_block_end(body, actions);
  if (entry.statement && entry.statement->shows) {  // a SELECT, to the server
    actions.send_to_client(own_message<protocol::encode_command_complete>("SHOW"));
  } else {
    actions.forward_to_client(whole);
  }
  if (entry.kind == Kind::execute) queue_.pop_front();
}

void Relay::suspended(Passed whole, Actions& actions) {
  Expected& entry = queue_.front();
  if (entry.kind != Kind::execute || entry.refusal) return void(broken(actions));
  // Of a change it says nothing of the rows that the client has not asked for.
  if (entry.touched && !reads_phi(entry)) entry.touched->lose_rows();
  statement_done(entry, entry.rows, "00000", actions);
  if (over_) return;
  queue_.pop_front();
  actions.forward_to_client(whole);
}

// An entry leaves the queue without its good answer. `failed`: it is the one that the server answered with
// an error; otherwise it was skipped, or the session ends.
void Relay::drop(Expected& entry, bool failed, std::string_view sqlstate, Actions& actions) {
  if (entry.kind == Kind::describe && entry.prepared && entry.prepared->rows) entry.prepared->rows->asked = false;
  if (entry.tracked) {
    auto& names = entry.kind == Kind::bind || entry.kind == Kind::close_portal ? names_.portals : names_.prepared;
    // A failed Parse of the unnamed statement has destroyed the one before; so has a Query.
    if (failed && entry.name.empty() && (entry.kind == Kind::parse || entry.kind == Kind::query))
      names.succeeded(entry.name, nullptr);
    else
      names.failed(entry.name);
  }
  if (entry.statement && entry.first_number != 0 && !sqlstate.empty())
    while (entry.done < entry.statement->plan->statements.size()) {
      statement_done(entry, entry.rows, sqlstate, actions);
      sqlstate = sqlstate == "unknown" ? sqlstate : std::string_view("skipped");
    }
}

void Relay::drop_to_sync(bool first_failed, Actions& actions) {
  bool failed = first_failed;
  while (!queue_.empty() && queue_.front().kind != Kind::sync) {
    drop(queue_.front(), failed, failed ? std::string_view{} : "skipped", actions);
    failed = false;
    queue_.pop_front();
  }
  if (queue_.empty()) skipping_ = true;
}

ErrorBack Relay::scrubbed(ClientError::Type type, ByteView body, const Statement* about) const {
  const CatalogNames names{bound_->world->catalog(bound_->caller.catalog_name())};
  return error_back(type, body, about, bound_->caller, services_.scrubber(), names, bound_->world->allowed_texts);
}

void Relay::error(ByteView body, Actions& actions) {
  Expected* entry = queue_.empty() || open_ ? nullptr : &queue_.front();
  copy_.reset();  // the server takes no more
  const Statement* about = entry ? entry->statement.get() : nullptr;
  ErrorBack back = scrubbed(ClientError::Type::error, body, about);
  std::string_view outcome = back.sqlstate;
  if (entry && entry->kind == Kind::probe && !back.fatal) {
    // Cancelled, timed out: the statement that waits for the answer is refused instead.
    probe_failed_ = true;
    return;
  }
  if (entry && entry->refusal && !back.fatal) {
    const CatalogNames names{bound_->world->catalog(bound_->caller.catalog_name())};
    actions.send_to_client(ClientError(*entry->refusal, ShownName(entry->object, services_.scrubber(), names)));
    outcome = policy::text_of(*entry->refusal).sqlstate;
  } else {
    actions.send_to_client(std::move(back.message));
  }
  failed_ = true;
  if (!entry) return;  // FATAL at any moment (57P01): the server closes next
  if (entry->kind == Kind::query) {
    // The rest of the string is not run; ReadyForQuery follows.
    if (entry->statement && entry->first_number != 0)
      while (entry->done < entry->statement->plan->statements.size()) {
        statement_done(*entry, entry->rows, outcome, actions);
        outcome = "skipped";
      }
    return;
  }
  if (!extended(entry->kind)) return;  // at Sync: a deferred constraint, say; ReadyForQuery follows
  if (entry->kind == Kind::execute) statement_done(*entry, entry->rows, outcome, actions);
  if (!over_) drop_to_sync(true, actions);
}

void Relay::ready(ByteView body, Passed whole, Actions& actions) {
  auto status = protocol::decode_ready_for_query(body);
  Expected& entry = queue_.front();
  if (!status || (entry.kind != Kind::sync && entry.kind != Kind::query)) return void(broken(actions));
  if (entry.kind == Kind::query && entry.tracked) names_.prepared.succeeded(entry.name, nullptr);
  queue_.pop_front();
  transaction_ = *status;
  note_ready(actions);
  // Portals end with their transaction, but for cursors WITH HOLD.
  if (transaction_ == 'I') names_.portals.forget_if([](const Prepared& portal) { return !portal.holdable; });
  if (transaction_ == 'I' && std::exchange(catalog_changing_, false)) catalog_changed();
  actions.forward_to_client(whole);
}

bool Relay::probe_message(char type, ByteView body, Actions& actions) {
  switch (type) {
    case 'T': case 'C':
      return true;
    case 'D': {
      auto row = protocol::decode_data_row(body);
      if (!row || row->column_count() != 1) return broken(actions);
      for (const auto& value : *row) probe_answer_ = value ? Bytes(*value) : Bytes{};
      return true;
    }
    case 'Z': {
      auto status = protocol::decode_ready_for_query(body);
      const auto world = services_.world();
      const auto* catalog = world->catalog(bound_->caller.catalog_name());
      if (!status || !catalog) return broken(actions);
      transaction_ = *status;
      if (!probe_failed_ && !path_.answered(probe_answer_, *catalog, *status == 'I')) return broken(actions);
      queue_.pop_front();
      // A Query destroys the unnamed statement; ours was one.
      names_.prepared.forget("");
      return true;
    }
    default:
      return broken(actions);
  }
}

}  // namespace pgward::proxy
