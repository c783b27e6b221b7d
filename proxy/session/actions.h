// What a session machine wants done, in order. The driver (proxy/net/link) carries it out.
//
// "Record, then forward" is the order of this list: nothing that goes to the server after a Record with an
// effect barrier, and nothing that goes to the client after one with a disclosure barrier, is sent before that
// record is durable. No call site can forget it.
//
// Nor can anybody send an error past the scrubber: bytes for the client are a ClientError, an OwnMessage of another
// type, or messages of the server that were seen to be neither error nor notice (Passed).
//
// Byte views in actions look into the input of the call that made them, or into the Actions object; both
// are good until the next call into the session.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/bytes.h"
#include "proxy/session/client_error.h"
#include "proxy/session/hidden_columns.h"
#include "proxy/session/own_message.h"
#include "proxy/session/passed.h"

namespace pgward::proxy {

class KeyJob;
class PlanJob;

using protocol::Bytes;
using protocol::ByteView;

// Made by Actions only, out of types that hold no value of an error.
class ToClient {
 public:
  ByteView bytes() const { return bytes_; }

 private:
  friend class Actions;
  explicit ToClient(ByteView bytes) : bytes_(bytes) {}
  ByteView bytes_;
};
struct ToServer { ByteView bytes; };

// Who waits until a record is durable: nobody, or everything for the server (`effect`) or for the client
// (`disclosure`) behind it.
enum class Barrier : std::uint8_t { none, effect, disclosure };

// Append to the audit log.
struct Record {
  std::string members;
  Barrier barrier = Barrier::none;
  // What waits for it goes on in the middle of a message that the client has a part of: should the record be
  // lost, nothing of our own can be said any more.
  bool mid_message = false;
  // Should the disk fail, what waits for it goes on all the same (AuditMode::closed_writes), and is counted.
  bool may_be_missed = false;
};

// After what was queued for the client: begin the TLS handshake as server.
struct StartClientTls {};
// Open the connection to the upstream server; the driver answers with on_server_connected().
struct ConnectServer {};
// Begin the TLS handshake with the upstream server; answered by on_server_tls().
struct StartServerTls {
  std::string user;  // may have a certificate of its own
};
// A CancelRequest came in: pass it on if the key is one of ours, then close.
struct ForwardCancel {
  std::uint32_t pid = 0;
  Bytes key;
};
// Plan a large statement on another thread (plan_job.h); the driver answers with on_news().
struct PlanElsewhere { std::shared_ptr<PlanJob> job; };
// The same for the key of the session's tenant (key_job.h).
struct FindKey { std::shared_ptr<KeyJob> job; };
// Send what is queued, then close both sides. `why` goes into our own log and the audit trail.
struct Close { std::string_view why; };

using Action = std::variant<ToClient, ToServer, Record, StartClientTls, ConnectServer, StartServerTls,
                            ForwardCancel, PlanElsewhere, FindKey, Close>;

// The list, and the memory behind those of its views that are not views of the input.
class Actions {
 public:
  void clear() {
    list_.clear();
    kept_.clear();
  }
  // Gives back the memory of an empty list.
  void trim() {
    if (!list_.empty()) return;
    std::vector<Action>().swap(list_);
    std::vector<Bytes>().swap(kept_);
  }
  const std::vector<Action>& list() const { return list_; }
  std::vector<Action>& list() { return list_; }

  // In place: g++ 12 at -O2 takes the move of a whole variant for a read of uninitialised bytes.
  template <class One>
  void add(One action) {
    list_.emplace_back(std::in_place_type<One>, std::move(action));
  }

  // Before anything that this list has for the client: all of it may rest on what the record tells.
  void record_before_answers(Record record) {
    std::size_t at = 0;
    while (at < list_.size() && !std::holds_alternative<ToClient>(list_[at])) ++at;
    list_.emplace_back(std::in_place_type<Record>, std::move(record));
    std::rotate(list_.begin() + static_cast<std::ptrdiff_t>(at), list_.end() - 1, list_.end());
  }

  // Views of the caller's input. Runs that touch are joined, so that untouched messages leave in one write.
  void forward_to_client(Passed passed) {
    const ByteView bytes = passed.bytes();
    if (bytes.empty()) return;
    if (ToClient* last = last_of<ToClient>(); last && touches(last->bytes_, bytes))
      last->bytes_ = {last->bytes_.data(), last->bytes_.size() + bytes.size()};
    else
      add(ToClient{bytes});
  }
  void forward_to_server(ByteView bytes) {
    if (bytes.empty()) return;
    if (ToServer* last = last_of<ToServer>(); last && touches(last->bytes, bytes))
      last->bytes = {last->bytes.data(), last->bytes.size() + bytes.size()};
    else
      add(ToServer{bytes});
  }

  // Bytes of our own.
  void send_to_client(ClientError error) { add(ToClient{keep(std::move(error).take())}); }
  void send_to_client(OwnMessage message) { add(ToClient{keep(std::move(message).take())}); }
  void send_to_client(Trimmed message) { add(ToClient{keep(std::move(message).take())}); }
  // The one byte that answers SSLRequest and GSSENCRequest.
  void answer_encryption_request(bool accepted) { add(ToClient{accepted ? "S" : "N"}); }
  void send_to_server(Bytes bytes) { add(ToServer{keep(std::move(bytes))}); }

 private:
  // A string with memory of its own keeps it when it moves, as it does when kept_ grows; a short one would not.
  ByteView keep(Bytes bytes) {
    bytes.reserve(sizeof(Bytes));
    return kept_.emplace_back(std::move(bytes));
  }

  template <class To>
  To* last_of() {
    return list_.empty() ? nullptr : std::get_if<To>(&list_.back());
  }
  static bool touches(ByteView front, ByteView behind) { return front.data() + front.size() == behind.data(); }

  std::vector<Action> list_;
  std::vector<Bytes> kept_;
};

}  // namespace pgward::proxy
