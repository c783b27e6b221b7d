// The client's messages: judged, recorded, forwarded.
#include "policy/plan.h"
#include "protocol/bind.h"
#include "protocol/bodiless.h"
#include "protocol/close.h"
#include "protocol/execute.h"
#include "protocol/parse.h"
#include "protocol/query.h"
#include "protocol/writer.h"
#include "proxy/session/bind_check.h"
#include "proxy/session/portal_keys.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {
namespace {

// After log-in (manual, "Message Formats"); 'p' belongs to the log-in.
constexpr std::string_view kClientTypes = "QPBDECSHFdcfX";
// Replies that may be owed at once: a client that sends and never reads must not fill our memory. Well above
// what the server holds back in its send buffer (8 kB, 5 bytes a reply) when nothing makes it flush: waiting
// for those would be waiting for ever.
constexpr std::size_t kOwedMax = 10'000;

// Fails in the server's grammar: nothing is looked up, locked or run.
constexpr std::string_view kFailingSql = "pgward: statement refused";

Bytes failing_query() {
  Bytes out;
  protocol::encode_query(out, kFailingSql);
  return out;
}

// Describe of what does not exist fails without a side effect: no name changes its meaning. 'S', a statement:
// 26000; 'P', a portal: 34000.
Bytes failing_describe(char kind) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('D');
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.cstring(kind == 'P' ? kReservedPortal : kReservedName);
  writer.end();
  return out;
}

// What the server itself would refuse only when it runs the statement: a row of another tenant, say. Then
// Parse, Bind and Describe are answered by the server, and Execute is where it ends.
bool refused_when_run(policy::Refusal refusal) {
  using enum policy::Refusal;
  return refusal == foreign_tenant || refusal == missing_tenant || refusal == relation_read_only;
}

// The same statement, refused when it is run.
std::shared_ptr<const Prepared> refused_later(const Prepared& prepared, policy::Refusal refusal, std::string object) {
  auto statement = std::make_shared<Statement>(*prepared.statement);
  statement->refusal = refusal;
  statement->object = std::move(object);
  return std::make_shared<const Prepared>(Prepared{std::move(statement), prepared.parameter_types});
}

void start(NameTable<Prepared>& names, Expected& entry, std::shared_ptr<const Prepared> meaning) {
  names.started(entry.name, std::move(meaning), entry.segment);
  entry.tracked = true;
}

}  // namespace

void Relay::client(ByteView& input, Actions& actions) {
  scribe_.log_failures(services_.audit_failures());
  if (open_) {
    // Nothing is protected (an empty policy): bytes pass as they came, but for a credential of ours.
    if (own_words_.found(input)) return input = {}, end(SessionError::own_setting, actions);
    actions.forward_to_server(input);
    input = {};
    return;
  }
  waiting_ = false;
  while (!over_ && !input.empty()) {
    if (leaving_) return void(input = {});
    if (passing_ > 0) {
      pass_on(input, actions);
      continue;
    }
    if (copy_data_left_ > 0) {
      take_copy_data(input, actions);
      continue;
    }
    if (queue_.size() >= kOwedMax || catalog_stale()) return void(waiting_ = true);
    const auto header = protocol::peek_frame(input);
    if (!header) return;
    // Before its length is believed: bytes that are no message at all may claim any.
    if (kClientTypes.find(header->type) == kClientTypes.npos) return end(SessionError::unknown_message, actions);
    if (!header->sound()) return end(SessionError::protocol_violation, actions);
    if (header->type == 'd') {
      waiting_ = !take_copy_data(input, actions);
      if (waiting_) return;
      continue;
    }
    Large large = large_bind(*header, input, actions);
    if (large == Large::no || large == Large::undecided) large = hold(*header, input, actions);
    if (large != Large::no) {
      waiting_ = large == Large::wait;
      if (large != Large::taken) return;
      continue;
    }
    const ByteView whole = input.substr(0, header->frame_bytes());
    waiting_ = !client_message(header->type, whole.substr(5), whole, actions);
    if (waiting_) return;
    input.remove_prefix(whole.size());
    names_.count();
    held_.must_hold(0);
    bind_tried_ = 0;
  }
}

bool Relay::client_message(char type, ByteView body, ByteView whole, Actions& actions) {
  // Until the next Sync the server would ignore these; so do we, and judge and record nothing.
  if (skipping_ && type != 'S' && type != 'X') return true;
  if (copy_) return copy_message(type, whole, actions);
  if (type != 'X' && copy_awaited()) return false;
  switch (type) {
    case 'Q': return query(body, whole, actions);
    case 'P': case 'B': case 'D': case 'E': case 'C':
      return extended_message(type, body, whole, actions);
    case 'S': sync(whole, actions); return true;
    case 'H': actions.forward_to_server(whole); return true;
    case 'F': {
      // A function call by OID goes around the text: not for sessions that are bound to a tenant.
      Expected entry;
      entry.kind = Expected::Kind::query;
      refuse_query(std::move(entry), policy::Refusal::function_not_allowed, {}, actions);
      return true;
    }
    case 'c': case 'f':
      return true;  // outside of COPY the server ignores them (manual, "COPY Operations")
    case 'X': terminate(whole, actions); return true;
    default:
      end(SessionError::unknown_message, actions);
      return true;
  }
}

bool Relay::extended_message(char type, ByteView body, ByteView whole, Actions& actions) {
  const bool taken = type == 'P'   ? parse(body, whole, actions)
                     : type == 'B' ? bind(body, whole, actions)
                     : type == 'D' ? describe(body, whole, actions)
                     : type == 'E' ? execute(body, whole, actions)
                                   : close_name(body, whole, actions);
  mid_segment_ = mid_segment_ || taken;
  return taken;
}

// Whether waiting can bring the search path; asks the server for it when nothing else is under way.
bool Relay::may_settle_path(Actions& actions) {
  if (queue_.empty()) {
    if (std::exchange(probe_failed_, false)) return false;
    if (transaction_ == 'E') return false;  // the server would refuse the question, and the statement too
    if (mid_segment_) return false;         // a Query of ours would commit the implicit transaction
    Expected entry;
    entry.kind = Expected::Kind::probe;
    queue_.push_back(std::move(entry));
    probe_answer_.clear();
    Bytes out;
    protocol::encode_query(out, "SHOW search_path");
    actions.send_to_server(std::move(out));
    return true;
  }
  return queue_.front().kind == Expected::Kind::probe || queue_.front().segment != segment_;
}

// Of all that says what a bare name means; 0 while that is not known. Both only grow, so their sum is new with
// each change of either.
std::uint64_t Relay::names_version() const {
  return path_.version() == 0 ? 0 : path_.version() + temporary_.version();
}

// Its effect on what names mean, taken for granted from now on.
void Relay::sent(const policy::StatementFacts& facts) {
  path_.sent(facts);
  if (!facts.makes_temporary.empty()) temporary_.made(facts.makes_temporary);
}

std::shared_ptr<const Statement> Relay::judge(ByteView sql, policy::QueryProtocol protocol, bool& wait, Actions& actions) {
  if (const auto own = own_statement(sql)) return wait = false, judge_own(*own, sql.size());
  const auto world = services_.world();
  if (auto known = recent_.find(sql, protocol, *world, names_version())) {
    wait = false;
    return known;
  }
  std::shared_ptr<const policy::Plan> ready;
  wait = !planned(sql, protocol, world, ready, actions);
  if (wait) return nullptr;
  auto statement = services_.gate().judge(sql, protocol, bound_->caller, world, path_.known(), temporary_.names(), std::move(ready));
  if (statement->refusal == policy::Refusal::unknown_relation)
    services_.suspect_catalog(Services::Suspicion::missing_name);
  recent_.keep(sql, protocol, names_version(), statement);
  wait = statement->refusal == policy::Refusal::search_path_unsettled && !path_.known() && may_settle_path(actions);
  return statement;
}

bool Relay::recordable(const Statement& statement) {
  if (services_.audit_available() || (!statement.recorded() && !commits_changes(statement))) return true;
  // Reads may go on, if that is what the operator chose; not where somebody has broken the glass.
  return statement.reads_only() && scribe_.reads_may_be_missed() && services_.reads_may_go_on();
}

void Relay::refuse_query(Expected entry, policy::Refusal refusal, std::string_view object, Actions& actions) {
  entry.refusal = refusal;
  entry.object = object;
  entry.segment = segment_++;
  mid_segment_ = false;
  ++statements_;
  if (entry.statement) scribe_.denied(*entry.statement, statements_, refusal, object, actions);
  start(names_.prepared, entry, nullptr);
  queue_.push_back(std::move(entry));
  // In a failed transaction the server has its own word for everything (25P02); let it say so.
  const bool aborted = transaction_ == 'E' && queue_.size() == 1;
  if (!aborted) return actions.send_to_server(failing_query());
  queue_.back().refusal.reset();
  Bytes out;
  protocol::encode_query(out, "SELECT 1");
  actions.send_to_server(std::move(out));
}

void Relay::refuse_message(Expected entry, std::optional<policy::Refusal> refusal, std::string_view object, Actions& actions) {
  entry.refusal = refusal;
  entry.object = object;
  entry.segment = segment_;
  if (refusal) {
    ++statements_;
    if (entry.statement) scribe_.denied(*entry.statement, statements_, *refusal, object, actions);
  }
  // Execute of what is not there is the one that is about a portal.
  const char missing = entry.kind == Expected::Kind::execute && !refusal ? 'P' : 'S';
  queue_.push_back(std::move(entry));
  actions.send_to_server(failing_describe(missing));
}

bool Relay::query(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_query(body);
  if (!message) return end(SessionError::protocol_violation, actions), true;
  bool wait = false;
  auto statement = judge(message->sql, policy::QueryProtocol::simple, wait, actions);
  if (wait) return false;
  Expected entry;
  entry.kind = Expected::Kind::query;
  entry.statement = statement;
  if (statement->refusal) return refuse_query(std::move(entry), *statement->refusal, statement->object, actions), true;
  Resolution names = resolve(names_, statement, segment_, bound_->caller, *services_.world());
  if (names.wait) return false;
  if (names.refusal) return refuse_query(std::move(entry), *names.refusal, names.object, actions), true;
  entry.statement = statement = std::move(names.statement);
  if (!recordable(*statement)) return refuse_query(std::move(entry), policy::Refusal::audit_unavailable, {}, actions), true;
  if (const auto refusal = change_own(*statement, actions)) return refuse_query(std::move(entry), *refusal, {}, actions), true;

  adds_keys_ = adds_keys_ || hides_columns(*statement);
  for (const auto& facts : statement->plan->statements) sent(facts);
  entry.first_number = record_intents(*statement, nullptr, actions);
  start(names_, *statement, segment_, entry);
  entry.segment = segment_++;
  mid_segment_ = false;
  start(names_.prepared, entry, nullptr);  // a simple Query destroys the unnamed statement
  queue_.push_back(std::move(entry));
  if (!statement->changed()) return actions.forward_to_server(whole), true;
  Bytes out;
  protocol::encode_query(out, statement->changed_sql);
  actions.send_to_server(std::move(out));
  return true;
}

bool Relay::parse(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_parse(body);
  if (!message || message->name == kReservedName) return end(SessionError::protocol_violation, actions), true;
  bool wait = false;
  auto statement = judge(message->sql, policy::QueryProtocol::extended, wait, actions);
  if (wait) return false;
  Expected entry;
  entry.kind = Expected::Kind::parse;
  entry.name = key_of(message->name);
  entry.statement = statement;
  if (statement->refusal && !refused_when_run(*statement->refusal)) {
    // The server never sees this Parse. The unnamed statement would be gone all the same; a named one that
    // exists stays, as it would after a failed Parse.
    entry.segment = segment_;
    if (entry.name.empty()) start(names_.prepared, entry, nullptr);
    return refuse_message(std::move(entry), statement->refusal, statement->object, actions), true;
  }
  if (names_.no_room_for(names_.prepared, entry.name, *statement))
    return refuse_message(std::move(entry), policy::Refusal::too_many_prepared, {}, actions), true;
  adds_keys_ = adds_keys_ || hides_columns(*statement);
  auto made = std::make_shared<Prepared>(Prepared{statement, std::move(message->parameter_types)});
  if (keys_.has_key() && may_tell_of_keys(*statement)) made->rows = std::make_shared<RowSlot>();
  entry.prepared = made;
  entry.segment = segment_;
  start(names_.prepared, entry, made);
  queue_.push_back(std::move(entry));
  if (!statement->changed()) return actions.forward_to_server(whole), true;
  Bytes out;
  protocol::encode_parse(out, message->name, statement->changed_sql, made->parameter_types);
  actions.send_to_server(std::move(out));
  return true;
}

bool Relay::bind(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_bind(body);
  if (!message) return end(SessionError::protocol_violation, actions), true;
  Hidden hidden;
  if (!hidden_in_bind(*message, hidden)) return false;
  const BindFate bound = take_bind(*message, &hidden, actions);
  if (bound == BindFate::forward) {
    Bytes changed = bind_for_hidden(whole, *message, hidden);
    if (changed.empty()) actions.forward_to_server(whole);
    else actions.send_to_server(std::move(changed));
  }
  return bound != BindFate::wait;
}

// Of the parameters only those are looked at that carry a tenant: the others need not be here.
Relay::BindFate Relay::take_bind(const protocol::Bind& message, const Hidden* whole_with, Actions& actions) {
  if (key_view(message.portal) == key_view(kReservedPortal))
    return end(SessionError::protocol_violation, actions), BindFate::refused;
  NameTable<Prepared>::Value prepared;
  auto look = names_.prepared.find(key_view(message.statement), segment_, prepared);
  if (look == NameTable<Prepared>::Look::wait) return BindFate::wait;
  // Prepared under a policy that is no longer in force: to the client it does not exist any more (26000), which
  // drivers answer by preparing it again.
  if (prepared && outdated(*prepared, *services_.world(), bound_->caller)) look = NameTable<Prepared>::Look::missing;
  Expected entry;
  entry.kind = Expected::Kind::bind;
  entry.name = key_of(message.portal);
  // What we do not know, the server must not run, whatever it knows by that name.
  entry.segment = segment_;
  if (look == NameTable<Prepared>::Look::missing) {
    start(names_.portals, entry, nullptr);
    return refuse_message(std::move(entry), std::nullopt, {}, actions), BindFate::refused;
  }
  if (names_.no_room_for(names_.portals, entry.name, *prepared->statement))
    return refuse_message(std::move(entry), policy::Refusal::too_many_prepared, {}, actions), BindFate::refused;
  if (auto foreign = foreign_parameter(message, *prepared, bound_->caller))
    prepared = refused_later(*prepared, policy::Refusal::foreign_tenant, foreign->text());
  else if (prepared->rows) prepared = keyed_portal(*prepared, message, whole_with);
  entry.statement = prepared->statement;
  entry.prepared = prepared;
  start(names_.portals, entry, prepared);
  queue_.push_back(std::move(entry));
  return BindFate::forward;
}

bool Relay::execute(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_execute(body);
  if (!message) return end(SessionError::protocol_violation, actions), true;
  NameTable<Prepared>::Value portal;
  const auto look = names_.portals.find(key_view(message->portal), segment_, portal);
  if (look == NameTable<Prepared>::Look::wait) return false;
  Expected entry;
  entry.kind = Expected::Kind::execute;
  entry.name = key_of(message->portal);
  if (look == NameTable<Prepared>::Look::missing) return refuse_message(std::move(entry), std::nullopt, {}, actions), true;
  auto statement = portal->statement;
  entry.statement = statement;
  entry.prepared = portal;
  if (statement->refusal)
    return refuse_message(std::move(entry), *statement->refusal, statement->object, actions), true;
  Resolution names = resolve(names_, statement, segment_, bound_->caller, *services_.world());
  if (names.wait) return false;
  if (names.refusal) return refuse_message(std::move(entry), *names.refusal, names.object, actions), true;
  entry.statement = statement = std::move(names.statement);
  if (!recordable(*statement))
    return refuse_message(std::move(entry), policy::Refusal::audit_unavailable, {}, actions), true;
  if (const auto refusal = change_own(*statement, actions)) return refuse_message(std::move(entry), *refusal, {}, actions), true;
  for (const auto& facts : statement->plan->statements) sent(facts);
  ask_for_rows(entry, message->portal, actions);
  entry.first_number = record_intents(*statement, portal, actions);
  start(names_, *statement, segment_, entry);
  entry.segment = segment_;
  queue_.push_back(std::move(entry));
  if (message->max_rows > 0 && adds_keys_ && hidden_of(*statement, 0).all) actions.send_to_server(execute_at_once(message->portal));
  else actions.forward_to_server(whole);
  return true;
}

bool Relay::close_name(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_close(body);
  if (!message) return end(SessionError::protocol_violation, actions), true;
  Expected entry;
  entry.kind = message->kind == 'S' ? Expected::Kind::close_statement : Expected::Kind::close_portal;
  entry.name = key_of(message->name);
  entry.segment = segment_;
  start(message->kind == 'S' ? names_.prepared : names_.portals, entry, nullptr);
  queue_.push_back(std::move(entry));
  actions.forward_to_server(whole);
  return true;
}

}  // namespace pgward::proxy
