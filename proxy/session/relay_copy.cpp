// COPY .. FROM STDIN: the client's data, checked row by row before the server gets them (manual, "COPY
// Operations").
//
// What the server reads depends on whether it has begun to copy: then it ignores Flush and Sync, and before
// and after it ignores CopyData, CopyDone and CopyFail. So behind a statement that will copy nothing is
// sent until the server has answered it (CopyInResponse, or an error): what it makes of each message is then
// known here, and not a matter of timing.
//
// CopyData messages are never held as a whole: pieces are checked as they come and leave in messages of
// our own, so that the server is never in the middle of one.
#include <algorithm>

#include "protocol/copy_fail.h"
#include "protocol/copy_response.h"
#include "protocol/writer.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {
namespace {

policy::Refusal refusal_of(policy::CopyFault fault) {
  switch (fault) {
    case policy::CopyFault::foreign:
      return policy::Refusal::foreign_tenant;
    case policy::CopyFault::row_too_large:
      return policy::Refusal::copy_row_too_large;
    case policy::CopyFault::malformed:
      break;
  }
  return policy::Refusal::bad_copy_data;
}

void send_copy_data(const policy::CopyRows::Ready& ready, Actions& actions) {
  if (ready.size() == 0) return;
  Bytes out;
  out.reserve(5 + ready.size());
  protocol::Writer writer(out);
  writer.begin('d');
  writer.bytes(ready.held);
  writer.bytes(ready.now);
  writer.end();
  actions.send_to_server(std::move(out));
}

const policy::CopyIn* copy_in_of(const Expected& entry) {
  if (!entry.statement || entry.refusal || entry.first_number == 0) return nullptr;
  const auto& statements = entry.statement->plan->statements;
  return entry.done < statements.size() ? statements[entry.done].copy_in.get() : nullptr;
}

}  // namespace

// The last statement that was sent may yet begin to copy.
bool Relay::copy_awaited() const {
  if (queue_.empty() || copy_) return false;
  const Expected& entry = queue_.back();
  const bool runs = entry.kind == Expected::Kind::query || entry.kind == Expected::Kind::execute;
  if (!runs || !entry.statement || entry.refusal || entry.first_number == 0) return false;
  const auto& statements = entry.statement->plan->statements;
  for (std::size_t i = std::max(entry.done, entry.copies_begun); i < statements.size(); ++i)
    if (statements[i].copy_in) return true;
  return false;
}

// CopyInResponse. The server and we must mean the same data: their format and the number of their fields.
bool Relay::copy_begins(ByteView body, Passed whole, Actions& actions) {
  Expected& entry = queue_.front();
  const policy::CopyIn* copy = copy_in_of(entry);
  const auto response = protocol::decode_copy_response(body);
  if (!copy || !response || copy_) return broken(actions);
  if (!copy->tenant.empty()) {
    const bool binary = copy->format == policy::CopyFormat::binary;
    if ((response->format == 1) != binary || response->column_formats.size() != copy->fields) return broken(actions);
  }
  entry.copies_begun = entry.done + 1;
  copy_ = std::make_unique<policy::CopyRows>(*copy, bound_->caller.tenant);
  actions.forward_to_client(whole);
  return true;
}

// The server ends the COPY with an error; ours takes its place. What the client still sends is ignored, as
// the server would.
void Relay::copy_fails(policy::Refusal refusal, Actions& actions) {
  copy_.reset();
  held_.must_hold(0);
  Expected& entry = queue_.front();
  const auto& facts = entry.statement->plan->statements[entry.done];
  entry.refusal = refusal;
  entry.object = facts.copy_in->relation.text();
  scribe_.denied(*entry.statement, entry.first_number + entry.done, *entry.refusal, entry.object, actions);
  Bytes out;
  protocol::encode_copy_fail(out, "pgward: rows refused");
  actions.send_to_server(std::move(out));
}

// A piece of a CopyData message; `whole` is the message when the piece is all of it.
void Relay::copy_data(ByteView piece, ByteView whole, Actions& actions) {
  if (!copy_) return;
  policy::CopyRows::Ready ready;
  if (const auto fault = copy_->feed(piece, ready)) return copy_fails(refusal_of(*fault), actions);
  if (!held_.hold(copy_->held_bytes())) return copy_fails(policy::Refusal::no_memory, actions);
  if (!whole.empty() && ready.held.empty() && ready.now.size() == piece.size())
    return actions.forward_to_server(whole);
  send_copy_data(ready, actions);
}

// Takes what there is of a CopyData message. False: it has to wait.
bool Relay::take_copy_data(ByteView& input, Actions& actions) {
  if (copy_data_left_ == 0) {
    if (copy_awaited()) return false;
    const auto header = protocol::peek_frame(input);
    if (input.size() >= header->frame_bytes()) {
      const ByteView whole = input.substr(0, header->frame_bytes());
      input.remove_prefix(whole.size());
      copy_data(whole.substr(5), whole, actions);
      return true;
    }
    copy_data_left_ = header->body_bytes();
    input.remove_prefix(5);
  }
  const ByteView piece = input.substr(0, copy_data_left_);
  copy_data_left_ -= piece.size();
  input.remove_prefix(piece.size());
  copy_data(piece, {}, actions);
  return true;
}

// Messages while the server copies.
bool Relay::copy_message(char type, ByteView whole, Actions& actions) {
  switch (type) {
    case 'c': {
      policy::CopyRows::Ready ready;
      if (const auto fault = copy_->finish(ready)) return copy_fails(refusal_of(*fault), actions), true;
      send_copy_data(ready, actions);
      copy_.reset();
      actions.forward_to_server(whole);
      return true;
    }
    case 'f':
      copy_.reset();
      actions.forward_to_server(whole);
      return true;
    case 'H': case 'S':
      return true;  // ignored by the server: nobody answers
    case 'X': terminate(whole, actions); return true;
    default:
      // The server would lose its place among the messages and end the session.
      end(SessionError::protocol_violation, actions);
      return true;
  }
}

}  // namespace pgward::proxy
