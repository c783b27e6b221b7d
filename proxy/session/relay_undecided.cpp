// The client's messages that ask for nothing to be decided: they go on as they came, and what they are owed is noted.
#include "protocol/describe.h"
#include "proxy/session/relay.h"

namespace pgward::proxy {

bool Relay::describe(ByteView body, ByteView whole, Actions& actions) {
  auto message = protocol::decode_describe(body);
  if (!message) return end(SessionError::protocol_violation, actions), true;
  Expected entry;
  entry.kind = Expected::Kind::describe;
  entry.segment = segment_;
  if (!described(message->kind, message->name, entry)) return false;
  NameTable<Prepared>::Value named;
  (message->kind == 'S' ? names_.prepared : names_.portals).find(key_view(message->name), segment_, named);
  if (named && named->rows && !named->rows->shape) named->rows->asked = true;
  entry.prepared = std::move(named);
  queue_.push_back(std::move(entry));
  actions.forward_to_server(whole);
  return true;
}

void Relay::sync(ByteView whole, Actions& actions) {
  skipping_ = false;
  mid_segment_ = false;
  Expected entry;
  entry.kind = Expected::Kind::sync;
  entry.segment = segment_++;
  queue_.push_back(std::move(entry));
  actions.forward_to_server(whole);
}

// The server comes to it when it has done what was asked before, and a client may read until then: a statement and
// its good-bye may come together.
void Relay::terminate(ByteView whole, Actions& actions) {
  leaving_ = true;
  actions.forward_to_server(whole);
  if (queue_.empty()) close(kTerminated, actions);
}

}  // namespace pgward::proxy
