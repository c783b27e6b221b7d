// Bind messages larger than we want to hold: a document or an image as a parameter, up to 1 GB as the server
// takes it.
//
// A Bind is decided by the statement that it names and by the parameters that carry a tenant; these stand in
// some prefix. Once that is here and decided, the message goes on in pieces as they come. What is behind is
// the server's to judge: it reads the same prefix in the same way (exec_bind_message in postgres.c).
#include <algorithm>

#include "proxy/session/relay.h"

namespace pgward::proxy {
namespace {

// Smaller ones are taken as a whole.
constexpr std::size_t kBindBytesWhole = 1u << 20;
// Of a prefix. A tenant's parameter behind a larger one can be bound only in a message that is held whole.
constexpr std::size_t kBindPrefixMax = 16u << 20;

std::size_t parameters_checked(const Prepared& prepared) {
  std::size_t count = 0;
  for (const policy::BindCheck& check : prepared.statement->plan->bind_checks)
    count = std::max<std::size_t>(count, check.parameter);
  return count;
}

}  // namespace

// In the middle of a large message: what there is of it goes on, or nowhere.
void Relay::pass_on(ByteView& input, Actions& actions) {
  const ByteView piece = input.substr(0, passing_);
  if (!passing_nowhere_) actions.forward_to_server(piece);
  passing_ -= piece.size();
  input.remove_prefix(piece.size());
}

void Relay::begin_passing(std::size_t bytes, bool nowhere) {
  passing_ = bytes;
  passing_nowhere_ = nowhere;
  bind_tried_ = 0;
}

// The front of a large Bind. `undecided`: it is left where it is, until there is more.
Relay::Large Relay::large_bind(const protocol::FrameHeader& header, ByteView input, Actions& actions) {
  if (header.type != 'B' || header.frame_bytes() <= kBindBytesWhole || input.size() >= header.frame_bytes())
    return Large::no;
  if (input.size() > kBindPrefixMax) return Large::no;
  // States in which it is not looked at, or is an error.
  if (copy_) return Large::no;
  if (skipping_) return begin_passing(header.frame_bytes(), true), Large::taken;
  if (copy_awaited()) return Large::wait;
  // Tried at every doubling: so that the work stays in proportion to the bytes.
  if (input.size() < 2 * bind_tried_) return Large::undecided;
  bind_tried_ = input.size();
  const ByteView body = input.substr(5);
  auto names = protocol::decode_bind_prefix(body, 0);
  if (!names) return end(SessionError::protocol_violation, actions), Large::taken;
  if (!*names) return Large::undecided;
  NameTable<Prepared>::Value prepared;
  names_.prepared.find(key_of((*names)->statement), segment_, prepared);
  auto prefix = protocol::decode_bind_prefix(body, prepared ? parameters_checked(*prepared) : 0);
  if (!prefix) return end(SessionError::protocol_violation, actions), Large::taken;
  if (!*prefix) return Large::undecided;
  const BindFate bound = take_bind(**prefix, actions);
  if (bound == BindFate::wait) {
    bind_tried_ = 0;
    return Large::wait;
  }
  mid_segment_ = true;
  begin_passing(header.frame_bytes(), bound == BindFate::refused);
  return Large::taken;
}

}  // namespace pgward::proxy
