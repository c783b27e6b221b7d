// Which records and patients a statement touches: what it names is told with its record, what its rows hold before they
// are released.
//
// Rows are known by their RowDescription. In the extended protocol that comes with a Describe; where a client asks for
// none, it is asked on its behalf, right before its Execute, and the answer stays here.
#include <algorithm>

#include "protocol/writer.h"
#include "proxy/session/relay.h"
#include "proxy/session/touched_rows.h"

namespace pgward::proxy {
namespace {

using Kind = Expected::Kind;

const policy::StatementKeys* keys_of(const Statement& statement, std::size_t index) {
  const auto& statements = statement.plan->statements;
  return index < statements.size() && statements[index].touches_phi ? statements[index].keys.get() : nullptr;
}

// It touches no record itself: a cursor is not read yet, a lock reads nothing.
bool touches_nothing(policy::StatementKind kind) {
  return kind == policy::StatementKind::declare || kind == policy::StatementKind::lock || kind == policy::StatementKind::move;
}

KeyValues values_of(const Statement& statement, std::size_t index, const std::shared_ptr<const Prepared>& portal) {
  if (index < statement.meant_values.size() && statement.meant_values[index]) return *statement.meant_values[index];
  return {statement.key_literals, std::shared_ptr<const std::vector<std::uint32_t>>(statement.plan, &statement.plan->key_parameters),
          portal && portal->bound ? std::shared_ptr<const BoundKeys>(portal, &*portal->bound) : nullptr};
}

// The rows hold a whole key, if they are looked at.
bool rows_hold_keys(const policy::StatementKeys& keys) {
  const auto shown = [](const std::vector<policy::KeyPlace>& key) {
    return !key.empty() && std::none_of(key.begin(), key.end(), [](const policy::KeyPlace& place) { return place.outputs.empty(); });
  };
  for (const policy::TouchedKeys& table : keys)
    for (const policy::KeyReference& reference : table.references)
      if (shown(reference.record) || shown(reference.subject)) return true;
  return false;
}

std::int16_t format_of(const std::vector<std::int16_t>& formats, std::size_t column) {
  if (formats.size() == 1) return formats.front();
  return column < formats.size() ? formats[column] : std::int16_t{0};
}

// `formats`: in which the columns come; null: as they were described.
std::shared_ptr<const KeyLayout> layout_for(std::shared_ptr<const KeyLayout>& last, const std::shared_ptr<const policy::StatementKeys>& keys,
                                            const RowShape& described, const std::vector<std::int16_t>* formats) {
  const auto column_of = [&](std::size_t i) {
    RowShape::Column column = described.columns[i];
    if (formats != nullptr) column.format = format_of(*formats, i);
    return column;
  };
  const std::size_t count = described.columns.size();
  bool same = last && last->of == keys && last->shape.columns.size() == count;
  for (std::size_t i = 0; same && i < count; ++i) same = last->shape.columns[i] == column_of(i);
  if (same) return last;
  RowShape shape;
  shape.columns.reserve(count);
  for (std::size_t i = 0; i < count; ++i) shape.columns.push_back(column_of(i));
  last = std::make_shared<const KeyLayout>(keys, shape);
  return last;
}

// The rule of a relation, or of the nearest parent that has one.
const policy::TableRule* rule_of(const policy::Policy& policy, const policy::Catalog& catalog, const policy::Relation& relation) {
  std::vector<const policy::Relation*> line{&relation};
  for (std::size_t i = 0; i < line.size() && i < 64; ++i) {
    const auto rule = policy.tables.find(line[i]->name);
    if (rule != policy.tables.end()) return &rule->second;
    for (const policy::Oid parent : line[i]->parents)
      if (const policy::Relation* found = catalog.find(parent)) line.push_back(found);
  }
  return nullptr;
}

}  // namespace

// A column of a protected table in the answer of a statement that does not name that table: what was decided and recorded is
// not what the server understood. True: the session is at its end.
bool Relay::undeclared(const Statement& statement, std::size_t index, std::uint64_t number, const RowShape& shape, Actions& actions) {
  const policy::Catalog* catalog = statement.world->catalog(bound_->caller.catalog_name());
  const auto& statements = statement.plan->statements;
  if (catalog == nullptr || index >= statements.size()) return false;
  const auto& touches = statements[index].touches;
  policy::Oid last = 0;
  for (const RowShape::Column& column : shape.columns) {
    if (column.table == last) continue;
    last = column.table;
    const policy::Relation* relation = last == 0 ? nullptr : catalog->find(last);
    if (relation == nullptr) continue;
    if (std::any_of(touches.begin(), touches.end(), [&](const policy::Touch& touch) { return touch.relation == relation->name; })) continue;
    const policy::TableRule* rule = rule_of(*statement.world->policy, *catalog, *relation);
    if (rule == nullptr || rule->kind != policy::TableKind::tenant) continue;
    scribe_.mismatch(number, relation->name.text(), actions);
    end(SessionError::undeclared_table, actions);
    return true;
  }
  return false;
}

// RowDescription, with all columns that the server gives. False: it has no place here, or the session is at its end.
bool Relay::see_description(ByteView body, Actions& actions) {
  Expected& entry = queue_.front();
  auto shape = RowShape::read(body);
  const bool statement_runs = entry.kind == Kind::query || entry.kind == Kind::execute;
  if (!shape || entry.refusal || (entry.kind != Kind::describe && !statement_runs)) return broken(actions), false;
  if (entry.kind == Kind::describe) {
    RowSlot* rows = entry.prepared ? entry.prepared->rows.get() : nullptr;
    if (rows != nullptr && rows->declared && rows->shape == shape) return true;  // drivers ask each time
    const Statement* about = entry.prepared ? entry.prepared->statement.get() : nullptr;
    // What names stand for is known when it runs.
    const bool declared = about && about->plan && !about->plan->refusal && !about->plan->uses_names();
    if (declared && undeclared(*about, 0, 0, *shape, actions)) return false;
    if (rows != nullptr) *rows = {std::move(*shape), rows->asked, declared, std::move(rows->layout)};
    return true;
  }
  if (entry.statement && undeclared(*entry.statement, entry.done, entry.first_number + entry.done, *shape, actions)) return false;
  if (TouchedRows* touched = touched_of(entry, actions)) {
    auto& layouts = entry.statement->layouts;
    layouts.resize(entry.statement->plan->statements.size());
    touched->shape(layout_for(layouts[entry.done], entry.statement->plan->statements[entry.done].keys, *shape, nullptr));
  }
  return !over_;
}

bool Relay::rows_described(ByteView body, Passed whole, Actions& actions) {
  if (!see_description(body, actions)) return true;
  const bool hidden = queue_.front().hidden;
  if (queue_.front().kind == Kind::describe) queue_.pop_front();
  if (!hidden) actions.forward_to_client(whole);
  return true;
}

// NoData.
bool Relay::no_rows(Passed whole, Actions& actions) {
  Expected& entry = queue_.front();
  if (entry.kind != Kind::describe || entry.refusal) return broken(actions);
  if (entry.prepared && entry.prepared->rows) entry.prepared->rows->shape = RowShape{};
  const bool hidden = entry.hidden;
  queue_.pop_front();
  if (!hidden) actions.forward_to_client(whole);
  return true;
}

// Before an Execute whose rows hold keys and were not described yet.
void Relay::ask_for_rows(const Expected& entry, std::string_view portal, Actions& actions) {
  if (!keys_.has_key() || !entry.prepared || !entry.prepared->rows) return;
  RowSlot& rows = *entry.prepared->rows;
  const policy::StatementKeys* keys = keys_of(*entry.statement, 0);
  if (keys == nullptr || rows.shape || rows.asked || !rows_hold_keys(*keys)) return;
  rows.asked = true;
  Expected question;
  question.kind = Kind::describe;
  question.hidden = true;
  question.prepared = entry.prepared;
  question.segment = segment_;
  queue_.push_back(std::move(question));
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('D');
  writer.u8('P');
  writer.cstring(portal);
  writer.end();
  actions.send_to_server(std::move(out));
}

std::shared_ptr<TouchedRows> Relay::touched_by(const Statement& statement, std::size_t index, const std::shared_ptr<const Prepared>& portal) {
  if (!keys_.has_key() || keys_of(statement, index) == nullptr) return nullptr;
  const policy::StatementFacts& facts = statement.plan->statements[index];
  return std::make_shared<TouchedRows>(keys_, facts.keys, values_of(statement, index, portal), touches_nothing(facts.kind));
}

// Of the statement that is running; null: no record tells of keys of its.
TouchedRows* Relay::touched_of(Expected& entry, Actions& actions) {
  if (entry.touched || !entry.statement || entry.first_number == 0 || !entry.statement->plan) return entry.touched.get();
  entry.touched = touched_by(*entry.statement, entry.done, entry.prepared);
  if (!entry.touched) return nullptr;
  const policy::StatementFacts& facts = entry.statement->plan->statements[entry.done];
  if (!facts.reads_only) entry.touched->told_before();
  if (entry.kind != Kind::execute || !entry.prepared || !entry.prepared->rows || !entry.prepared->rows->shape) return entry.touched.get();
  RowSlot& rows = *entry.prepared->rows;
  // Of what stands for names, others than its own statement's tables are declared.
  const bool declared = rows.declared && entry.statement == entry.prepared->statement;
  if (!declared && undeclared(*entry.statement, entry.done, entry.first_number + entry.done, *rows.shape, actions)) return nullptr;
  const bool formats_known = entry.prepared->bound && entry.prepared->bound->formats_known;
  entry.touched->shape(layout_for(rows.layout, facts.keys, *rows.shape, formats_known ? &entry.prepared->bound->result_formats : nullptr));
  return entry.touched.get();
}

// Whole rows, one behind the other.
void Relay::see_rows(ByteView rows, Actions& actions) {
  TouchedRows* touched = touched_of(queue_.front(), actions);
  if (touched == nullptr || over_) return;
  while (const auto header = protocol::peek_frame(rows)) {
    touched->row(rows.substr(5, header->body_bytes()));
    rows.remove_prefix(header->frame_bytes());
  }
}

// A row begins that passes in pieces. False: the session is at its end.
bool Relay::see_front(const protocol::FrameHeader& header, Actions& actions) {
  if (open_) return true;
  streaming_row_ = touched_of(queue_.front(), actions);
  if (over_) return false;
  if (streaming_row_ == nullptr) return true;
  streaming_head_ = 5;
  streaming_row_->begin_row(header.body_bytes());
  return true;
}

// Of a row that passes in pieces.
void Relay::see_piece(ByteView piece) {
  if (streaming_row_ == nullptr) return;
  const std::size_t head = std::min(streaming_head_, piece.size());
  streaming_head_ -= head;
  streaming_row_->more(piece.substr(head));
  if (!streaming_.under_way()) streaming_row_ = nullptr;
}

std::string Relay::tell(TouchedRows& touched, TouchedRows::Moment moment, std::uint64_t number) {
  std::string about;
  if (keys_.seals()) {
    about = scribe_.session_id();
    about += '/';
    about += std::to_string(number);
  }
  return touched.tell(moment, about, [this] { return services_.random_bytes(audit::SubjectKey::kNonceBytes); });
}

// What is left to be told when a statement is over. `first`: nothing has been told of it yet. When the session was not at its
// end before and is now, the entry went with it.
std::string Relay::last_keys(Expected& entry, bool first, std::uint64_t number, Actions& actions) {
  if (first && over_ && !entry.touched) entry.touched = touched_by(*entry.statement, entry.done, entry.prepared);
  if (first && !over_) {
    touched_of(entry, actions);
    if (over_) return {};
  }
  return entry.touched ? tell(*entry.touched, TouchedRows::Moment::end, number) : std::string();
}

std::string Relay::intent_keys(const Statement& statement, std::size_t index, std::uint64_t number, const std::shared_ptr<const Prepared>& portal) {
  if (statement.plan->statements[index].reads_only) return {};
  const auto touched = touched_by(statement, index, portal);
  if (!touched) return {};
  return tell(*touched, TouchedRows::Moment::intent, number);
}

// Rows of a statement that goes on beyond this input: its record says that they left, and the outcome follows.
void Relay::record_rows(Actions& actions) {
  if (over_ || queue_.empty()) return;
  Expected& entry = queue_.front();
  if (entry.rows == 0) return;
  const bool reads = reads_phi(entry);
  if (streaming_row_ != nullptr && !streaming_hidden_) streaming_row_->front_leaves();
  if (entry.read_recorded || !reads) {
    // What changed something was announced before it ran; its keys may wait for its outcome, but not without end.
    if (entry.touched && (reads ? entry.touched->pending() : entry.touched->full()))
      scribe_.touch(entry.first_number + entry.done, tell(*entry.touched, TouchedRows::Moment::rows, entry.first_number + entry.done), mid_message_, actions);
    return;
  }
  TouchedRows* touched = touched_of(entry, actions);
  if (over_) return;
  entry.read_recorded = true;
  const std::string keys = touched != nullptr ? tell(*touched, TouchedRows::Moment::rows, entry.first_number + entry.done) : std::string();
  scribe_.read(*entry.statement, entry.done, entry.first_number, nullptr, keys, mid_message_, actions);
}

std::uint64_t Relay::record_intents(const Statement& statement, const std::shared_ptr<const Prepared>& portal, Actions& actions) {
  const std::uint64_t first = statements_ + 1;
  const auto& statements = statement.plan->statements;
  statements_ += statements.size();
  if (statement.recorded()) {
    std::vector<std::string> touched;
    if (keys_.has_key())
      for (std::size_t i = 0; i < statements.size(); ++i) touched.push_back(intent_keys(statement, i, first + i, portal));
    scribe_.intents(statement, first, touched, actions);
  }
  for (std::size_t i = 0; i < statements.size(); ++i) note_sent(statements[i], first + i, actions);
  return first;
}

}  // namespace pgward::proxy
