// Answers with columns that the client must not see (hidden_columns.h): which they are, and what becomes of them.
#include "protocol/describe.h"
#include "protocol/message_types.h"
#include "proxy/session/hidden_columns.h"
#include "proxy/session/relay.h"
#include "proxy/session/touched_rows.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kDescriptionBytesMax = 16u << 20;

bool uses_names(const Statement& statement) { return statement.plan && statement.plan->uses_names(); }

}  // namespace

// What it stands for, if it has hidden columns: FETCH and EXECUTE have those of what they name. False: not yet known.
bool Relay::hidden_in(std::shared_ptr<const Statement> statement, std::shared_ptr<const Statement>& hides) const {
  hides = nullptr;
  if (uses_names(*statement)) {
    Resolution names = resolve(names_, statement, segment_, bound_->caller, *services_.world());
    if (names.wait) return false;
    if (names.refusal) return true;  // it will not run
    statement = std::move(names.statement);
  }
  if (hidden_of(*statement, 0)) hides = std::move(statement);
  return true;
}

// Describe has no hidden columns of its own, only those of what it names.
bool Relay::described(char kind, ByteView name, Expected& entry) const {
  if (!adds_keys_) return true;
  NameTable<Prepared>::Value found;
  const auto& names = kind == 'S' ? names_.prepared : names_.portals;
  if (names.find(key_view(name), segment_, found) == NameTable<Prepared>::Look::wait) return false;
  return !found || hidden_in(found->statement, entry.statement);
}

// The columns that the parameters' message means are those that the client knows. False: wait.
bool Relay::hidden_in_bind(const protocol::Bind& message, Hidden& hidden) const {
  if (!adds_keys_ || message.result_formats.size() < 2) return true;
  NameTable<Prepared>::Value found;
  if (names_.prepared.find(key_view(message.statement), segment_, found) == NameTable<Prepared>::Look::wait) return false;
  if (!found) return true;
  std::shared_ptr<const Statement> hides;
  if (!hidden_in(found->statement, hides)) return false;
  if (hides) hidden = hidden_of(*hides, 0);
  return true;
}

// Of the statement whose answer is due.
Hidden Relay::hidden() const {
  if (!adds_keys_ || queue_.empty()) return {};
  const Expected& entry = queue_.front();
  const bool shows = entry.kind == Expected::Kind::query || entry.kind == Expected::Kind::execute || entry.kind == Expected::Kind::describe;
  return shows && entry.statement && !entry.refusal ? hidden_of(*entry.statement, entry.done) : Hidden{};
}

Relay::Trim Relay::trim(ByteView& input, Actions& actions) {
  if (input.front() != protocol::server::kDataRow && input.front() != protocol::server::kRowDescription) return Trim::nothing;
  const Hidden hidden = this->hidden();
  const auto header = protocol::peek_frame(input);
  if (!hidden || !header) return Trim::nothing;
  if (!header->sound()) return Trim::broken;
  if (header->type == protocol::server::kDataRow)
    return queue_.front().kind == Expected::Kind::describe ? Trim::broken : trim_rows(hidden, *header, input, actions);
  if (header->frame_bytes() > kDescriptionBytesMax) return Trim::broken;
  if (input.size() < header->frame_bytes()) return Trim::wait;
  const ByteView message = input.substr(0, header->frame_bytes());
  input.remove_prefix(message.size());
  return trim_description(hidden, message, actions) ? Trim::taken : Trim::broken;
}

bool Relay::trim_description(const Hidden& hidden, ByteView message, Actions& actions) {
  const bool describe = queue_.front().kind == Expected::Kind::describe;
  if (!see_description(message.substr(5), actions)) return true;
  auto trimmed = Trimmed::description(message, hidden.columns);
  if (!trimmed) {
    // A prepared FETCH is described by what its portal was when it was parsed.
    const auto whole = Passed::message(message);
    if (!describe || !whole || Trimmed::names_hidden(message)) return false;
    actions.forward_to_client(*whole);
  } else if (!hidden.all) {
    actions.send_to_client(std::move(*trimmed));
  } else if (describe) {
    actions.send_to_client(Trimmed::no_data());
  }
  if (describe) queue_.pop_front();
  return true;
}

Relay::Trim Relay::trim_rows(const Hidden& hidden, const protocol::FrameHeader& header, ByteView& input, Actions& actions) {
  Expected& entry = queue_.front();
  std::uint64_t rows = 0;
  if (hidden.all) {
    const Passed gone = Passed::run(header.type, input, rows);
    entry.rows += rows;
    if (rows > 0) see_rows(gone.bytes(), actions);
    if (rows > 0) return Trim::taken;
    ++entry.rows;
    streaming_hidden_ = true;
    if (!see_front(header, actions)) return Trim::taken;
    return streaming_.begin(header) ? Trim::taken : Trim::broken;
  }
  const ByteView from = input;
  auto whole = Trimmed::rows(input, hidden.columns, rows);
  if (!whole) return Trim::broken;
  if (rows > 0) {
    entry.rows += rows;
    see_rows(from.substr(0, from.size() - input.size()), actions);
    if (over_) return Trim::taken;
    actions.send_to_client(std::move(*whole));
    return Trim::taken;
  }
  if (entry.touched && entry.touched->waits(header.frame_bytes(), input.size())) return Trim::wait;
  std::size_t used = 0;
  auto front = Trimmed::front_of_row(input, hidden.columns, used);
  if (!front) return Trim::broken;
  if (used == 0) return Trim::wait;
  ++entry.rows;
  streaming_hidden_ = false;
  if (!see_front(header, actions)) return Trim::taken;
  streaming_.begin(header);
  ByteView keys = input.substr(0, used);
  streaming_.take(keys);
  see_piece(input.substr(0, used));
  input.remove_prefix(used);
  actions.send_to_client(std::move(*front));
  return Trim::taken;
}

}  // namespace pgward::proxy
