// Messages larger than we want to hold. What cannot be decided before it is complete is held within bounds, of the
// message and of all sessions together, and refused beyond.
//
// Of Bind messages most pass in pieces: a document or an image as a parameter, up to 1 GB as the server takes it.
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
// A text that is not too large for the parser, and around it the types of 65535 parameters.
constexpr std::size_t kTextBytesMax = 5u << 20;
constexpr std::size_t kSmallBytesMax = 10'000;
constexpr std::size_t kLargeBytesMax = 1u << 20;  // a function call, which is refused, or the words of a CopyFail

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
  if (!unread_) return;
  unread_->take(piece);
  if (passing_ == 0) tell_unread(actions);
}

// All of it has passed, or nothing more will come.
void Relay::tell_unread(Actions& actions) {
  if (const auto text = std::exchange(unread_, nullptr)) scribe_.denied_unread(*text, actions);
}

void Relay::begin_passing(std::size_t bytes, bool nowhere) {
  passing_ = bytes;
  passing_nowhere_ = nowhere;
  held_.must_hold(0);
  bind_tried_ = 0;
}

// As the server has them (SocketBackend in postgres.c), but for texts and parameters, which we hold as a whole.
std::size_t Relay::bytes_max(char type) const {
  switch (type) {
    case 'Q': case 'P': return kTextBytesMax;
    case 'B': return services_.limits().message_bytes;
    case 'F': case 'f': return kLargeBytesMax;
    default: return kSmallBytesMax;
  }
}

// A message that is not here as a whole: may it be held until it is? `no`: it is here.
Relay::Large Relay::hold(const protocol::FrameHeader& header, ByteView input, Actions& actions) {
  const std::size_t bytes = header.frame_bytes();
  if (bytes > bytes_max(header.type)) return refuse_unread(header, input, policy::Refusal::too_large, actions);
  if (input.size() >= bytes) return Large::no;
  if (!held_.hold(input.size())) return refuse_unread(header, input, policy::Refusal::no_memory, actions);
  return Large::undecided;
}

// Refused where it would stand once it were complete; what comes of it is dropped.
Relay::Large Relay::refuse_unread(const protocol::FrameHeader& header, ByteView input, policy::Refusal refusal, Actions& actions) {
  const bool function_call = header.type == 'F';  // refused whatever its size
  if (function_call) refusal = policy::Refusal::function_not_allowed;
  const bool text_or_parameters = header.type == 'Q' || header.type == 'P' || header.type == 'B' || function_call;
  if (!text_or_parameters || copy_) {
    end(text_or_parameters ? SessionError::protocol_violation : SessionError::message_too_large, actions);
    return Large::taken;
  }
  if (skipping_) return begin_passing(header.frame_bytes(), true), Large::taken;
  if (copy_awaited()) return Large::wait;
  Expected entry;
  entry.segment = segment_;
  if (header.type == 'Q' || function_call) {
    entry.kind = Expected::Kind::query;
    refuse_query(std::move(entry), refusal, {}, actions);
  } else {
    if (input.size() < 6) return Large::undecided;
    entry.kind = header.type == 'P' ? Expected::Kind::parse : Expected::Kind::bind;
    // The unnamed statement would be gone all the same (exec_parse_message in postgres.c).
    if (header.type == 'P' && input[5] == '\0') {
      names_.prepared.started(entry.name, nullptr, segment_);
      entry.tracked = true;
    }
    refuse_message(std::move(entry), refusal, {}, actions);
    mid_segment_ = true;
  }
  begin_passing(header.frame_bytes(), true);
  if (header.type == 'Q' || header.type == 'P') unread_ = std::make_unique<UnreadText>(header.type, statements_, refusal);
  return Large::taken;
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
  // The list of formats is its end.
  if (adds_keys_ && prepared && hides_columns(*prepared->statement) && !hidden_of(*prepared->statement, 0).all) return Large::no;
  auto prefix = protocol::decode_bind_prefix(body, prepared ? parameters_checked(*prepared) : 0);
  if (!prefix) return end(SessionError::protocol_violation, actions), Large::taken;
  if (!*prefix) return Large::undecided;
  const BindFate bound = take_bind(**prefix, nullptr, actions);
  if (bound == BindFate::wait) {
    bind_tried_ = 0;
    return Large::wait;
  }
  mid_segment_ = true;
  begin_passing(header.frame_bytes(), bound == BindFate::refused);
  return Large::taken;
}

}  // namespace pgward::proxy
