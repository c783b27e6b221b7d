#include "proxy/net/link.h"

#include <sys/epoll.h>

#include "proxy/net/client_tls.h"

namespace pgward::proxy {
namespace {

// A side that does not read is not read for: its peer's bytes stay in the kernel.
constexpr std::size_t kUnsentBytesMax = 256 * 1024;
constexpr int kLingerTicksMax = 3;  // seconds
// A client that floods us while we wait for its end of file has to let the others through as well.
constexpr int kLingerReadsMax = 16;

}  // namespace

Link::Link(LinkHost& host, Fd client, ListenerRules rules, audit::Source source, Admission::Slot slot)
    : host_(host), slot_(std::move(slot)), session_(host.services(), rules, std::move(source)),
      client_(host.poller(), [this](std::uint32_t events) { client_event(events); }),
      server_(host.poller(), [this](std::uint32_t events) { server_event(events); }),
      untaken_(host.services().message_memory()) {
  client_.adopt(std::move(client));
}

void Link::begin() { settle(); }

// One more step of a handshake; false while it is not done. A failure ends in `failed`.
bool Link::handshake(Endpoint& side, bool& failed) {
  const Io io = side.stream().handshake();
  side.wait_for_write(io == Io::again_writable);
  failed = io == Io::closed || io == Io::failed;
  return io == Io::done;
}

void Link::client_handshake() {
  bool failed = false;
  if (handshake(client_, failed)) {
    client_leg_ = Leg::open;
    session_.on_client_tls(client_tls_of(client_.stream().ssl(), client_.stream().alpn_agreed()), actions_);
    carry_out();
    read_client();
  } else if (failed) {
    client_gone();
  }
}

void Link::client_gone() {
  client_.drop();
  session_.on_client_gone(actions_);
  carry_out();
}

void Link::server_handshake() {
  bool failed = false;
  if (handshake(server_, failed)) {
    server_leg_ = Leg::open;
    session_.on_server_tls(actions_);
    carry_out();
  } else if (failed) {
    session_.on_server_unreachable(actions_);
    carry_out();
  }
}

void Link::client_event(std::uint32_t events) {
  if (state_ == State::lingering) return linger();
  if (state_ != State::open) return settle();
  if (client_leg_ == Leg::tls) {
    client_handshake();
    return settle();
  }
  const bool tls_can_write = client_.stop_waiting_for_write();
  if (tls_can_write || (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_client();
  settle();
}

// A client may begin TLS without asking (direct TLS): then the first byte says so, and all of them are OpenSSL's.
bool Link::begins_with_tls() {
  constexpr unsigned char kTlsHandshakeRecord = 0x16;
  const auto first = client_.stream().peek();
  if (!first) return false;  // the read tells why
  first_byte_due_ = false;
  if (*first != kTlsHandshakeRecord) return false;
  session_.on_client_hello(actions_);
  carry_out();
  return true;
}

bool Link::read_client() {
  bool progress = false;
  if (first_byte_due_ && state_ == State::open && begins_with_tls()) return true;
  // What OpenSSL has decrypted already makes no event: read on until it is used up.
  do {
    if (state_ != State::open || !client_.open() || !session_.wants_client_bytes() || to_server_.waiting() ||
        server_.unsent() > kUnsentBytesMax)
      return progress;
    const IoResult result = client_.stream().read(host_.read_buffer(), host_.read_buffer_bytes());
    client_.wait_for_write(result.status == Io::again_writable);
    if (result.status == Io::done)
      session_.on_client_bytes({host_.read_buffer(), result.bytes}, actions_);
    else if (result.status == Io::closed || result.status == Io::failed)
      session_.on_client_gone(actions_);
    else
      return progress;
    progress = true;
    carry_out();
  } while (client_.stream().buffered());
  return progress;
}

void Link::connect_server() {
  while (auto fd = connector_->next()) {
    server_.adopt(std::move(*fd));
    server_leg_ = Leg::connecting;
    return server_.interest(false, true);
  }
  server_leg_ = Leg::none;
  server_.drop();
  session_.on_server_unreachable(actions_);
  carry_out();
}

void Link::server_event(std::uint32_t events) {
  if (server_leg_ == Leg::connecting) {
    if (!ServerConnector::connected(server_.stream().fd())) {
      connect_server();
      return settle();
    }
    server_leg_ = Leg::open;
    session_.on_server_connected(actions_);
    carry_out();
    return settle();
  }
  if (server_leg_ == Leg::tls) {
    server_handshake();
    return settle();
  }
  const bool tls_can_write = server_.stop_waiting_for_write();
  if (tls_can_write || (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_server();
  settle();
}

bool Link::read_server() {
  bool progress = false;
  do {
    if (state_ != State::open || !wants_server()) return progress;
    const IoResult result = server_.stream().read(host_.read_buffer(), host_.read_buffer_bytes());
    server_.wait_for_write(result.status == Io::again_writable);
    if (result.status == Io::done)
      session_.on_server_bytes({host_.read_buffer(), result.bytes}, actions_);
    else if (result.status == Io::closed || result.status == Io::failed)
      session_.on_server_gone(actions_);
    else
      return progress;
    progress = true;
    // Before the client hears of it: it may open its next connection at once.
    if (session_.relaying()) slot_.logged_in();
    carry_out();
  } while (server_.stream().buffered());
  return progress;
}

bool Link::record(Record& action) {
  const bool waited_for = action.barrier != Barrier::none;
  if (waited_for) wait_for_log();  // before there is a ticket: its news finds us waiting, however soon it comes
  const audit::Ticket ticket = host_.log().append(std::move(action.members), host_.now_us(),
                                                  waited_for ? audit::Pace::commit : audit::Pace::soon);
  if (!waited_for) return true;
  if (ticket == 0) {
    // Not when the queue is full, say: then the log works, and nothing is to be had past it.
    if (!action.may_be_missed || !host_.log().failed() || host_.log().barred()) return false;
    host_.reads_missed(1);
    return true;
  }
  RecordGate& gate = action.barrier == Barrier::effect ? to_server_ : to_client_;
  gate.wait(ticket, action.mid_message, action.may_be_missed);
  return true;
}

void Link::wait_for_log() {
  if (!std::exchange(waiting_for_log_, true)) host_.waits_for_log(*this);
}

// What waits for a record that never comes is dropped. Half a message with the client leaves nothing to say.
void Link::log_lost(bool mid_message) {
  if (mid_message || to_client_.mid_message()) client_.drop();
  to_server_.clear();
  to_client_.clear();
  session_.on_audit_failed(actions_);
}

void Link::carry_out() {
  // log_lost() adds to the list while it is worked off: an index stays good, and what stood there before is void.
  std::size_t void_until = 0;
  for (std::size_t i = 0; i < actions_.list().size(); ++i) {
    Action& action = actions_.list()[i];
    if (auto* out = std::get_if<ToServer>(&action)) {
      if (i >= void_until && !to_server_.hold(out->bytes)) server_.queue(out->bytes);
    } else if (auto* in = std::get_if<ToClient>(&action)) {
      if (i >= void_until && !to_client_.hold(in->bytes())) client_.queue(in->bytes());
    } else if (auto* entry = std::get_if<Record>(&action)) {
      const bool mid_message = entry->mid_message;
      if (!record(*entry) && void_until == 0) {
        void_until = actions_.list().size();
        log_lost(mid_message);
      }
    } else if (std::holds_alternative<StartClientTls>(action)) {
      start_client_tls_ = true;
    } else if (std::holds_alternative<ConnectServer>(action)) {
      connector_ = std::make_unique<ServerConnector>(host_.new_connector());
      if (auto fd = connector_->next()) {
        server_.adopt(std::move(*fd));
        server_leg_ = Leg::connecting;
      } else {
        session_.on_server_unreachable(actions_);
      }
    } else if (const auto* tls = std::get_if<StartServerTls>(&action)) {
      SSL_CTX* context = host_.upstream_tls_of(tls->user);
      if (context && server_.stream().begin_client_tls(context, host_.upstream_host())) {
        server_leg_ = Leg::tls;
      } else {
        session_.on_server_unreachable(actions_);
      }
    } else if (auto* cancel = std::get_if<ForwardCancel>(&action)) {
      host_.forward_cancel(cancel->pid, cancel->key, session_.relaying() ? Stream{} : client_.release());
      state_ = State::closing;
    } else if (auto* large = std::get_if<PlanElsewhere>(&action)) {
      host_.run_elsewhere(*this, std::move(large->job));
    } else if (auto* wanted = std::get_if<FindKey>(&action)) {
      host_.run_elsewhere(*this, std::move(wanted->job));
    } else if (std::holds_alternative<Close>(action)) {
      state_ = State::closing;
    }
  }
  // Views in the list die with the next event: write now, keep what the sockets do not take.
  client_.flush();
  server_.flush();  // a failure is told by the next read: the server may have said why
  actions_.clear();
  if (client_.broken() && state_ == State::open) return client_gone();
  // We speak first here. A quick server can bring the whole handshake to its end in this one call, with no
  // event to come.
  if (server_leg_ == Leg::tls && state_ == State::open) server_handshake();
}

void Link::on_log_progress() {
  waiting_for_log_ = false;
  if (state_ != State::open && state_ != State::closing) return;
  Bytes for_server, for_client;
  const bool released = to_server_.release(host_.log(), for_server) && to_client_.release(host_.log(), for_client);
  if (const auto missed = to_client_.missed()) host_.reads_missed(missed);
  if (released) {
    if (to_server_.waiting() || to_client_.waiting()) wait_for_log();
    server_.queue(for_server);
    client_.queue(for_client);
    server_.flush();
    client_.flush();
    const bool freed_server = !for_server.empty();
    to_server_.keep_memory(std::move(for_server));
    to_client_.keep_memory(std::move(for_client));
    if (state_ == State::open && freed_server) read_client();
  } else {
    log_lost(false);
    carry_out();
  }
  settle();
}

void Link::on_news() {
  if (state_ != State::open) return;
  session_.on_news(actions_);
  carry_out();
  settle();
}

void Link::settle() {
  if (state_ == State::retired) return;
  if (state_ == State::closing) return finish_closing();
  if (state_ == State::lingering) return;
  client_.flush();
  server_.flush();
  if (client_.broken()) {
    client_gone();
    return settle();
  }
  if (start_client_tls_ && client_.unsent() == 0) {
    start_client_tls_ = false;
    if (!host_.client_tls() || !client_.stream().begin_server_tls(host_.client_tls())) return retire();
    client_leg_ = Leg::tls;
  }
  // What OpenSSL has read ahead while reading was paused makes no event of its own. Each side's bytes can let
  // the other go on, so both are looked at again until neither gets further.
  const auto buffered = [](Endpoint& side, Leg leg) { return leg == Leg::open && side.stream().buffered(); };
  while ((buffered(client_, client_leg_) && wants_client() && read_client()) ||
         (buffered(server_, server_leg_) && wants_server() && read_server())) {
    if (state_ != State::open) return settle();
  }
  untaken_.must_hold(server_.unsent() + to_server_.held_bytes());
  client_.interest(client_leg_ == Leg::tls || wants_client(), client_.unsent() > 0);
  if (server_leg_ == Leg::connecting) return server_.interest(false, true);
  server_.interest(wants_server(), server_.unsent() > 0);
}

bool Link::wants_client() const {
  return session_.wants_client_bytes() && !to_server_.waiting() && server_.unsent() <= kUnsentBytesMax && !start_client_tls_;
}

bool Link::wants_server() const {
  return server_.open() && client_.unsent() + to_client_.held_bytes() <= kUnsentBytesMax;
}

void Link::finish_closing() {
  // The server first: with its connection gone, an open transaction is rolled back.
  server_.flush();
  server_.drop();
  server_leg_ = Leg::none;
  client_.flush();
  if (!client_.open() || client_.broken()) return retire();
  if (client_.unsent() > 0 || to_client_.waiting()) return client_.interest(false, client_.unsent() > 0);
  // Closing a socket with unread bytes in it makes the kernel send RST, which can overtake our last message.
  client_.stream().finish_sending();
  state_ = State::lingering;
  linger_ticks_ = 0;
  client_.interest(true, false);
}

void Link::linger() {
  for (int reads = 0; reads < kLingerReadsMax; ++reads) {
    const IoResult result = client_.stream().read(host_.read_buffer(), host_.read_buffer_bytes());
    if (result.status == Io::done) continue;
    if (result.status == Io::closed || result.status == Io::failed) return retire();
    return;
  }
}

void Link::retire() {
  if (state_ == State::retired) return;
  state_ = State::retired;
  client_.drop();
  server_.drop();
  host_.retire(*this);
}

void Link::on_clock() {
  if (state_ == State::lingering || state_ == State::closing) {
    // A client that reads slowly gets all of it; one that does not read gets no more time.
    if (client_.unsent() < unsent_before_) linger_ticks_ = 0;
    unsent_before_ = client_.unsent();
    if (++linger_ticks_ > kLingerTicksMax) retire();
    return;
  }
  session_.on_clock(actions_);
  carry_out();
  settle();
  trim();
}

// Once a second, not with each message: who is busy keeps what it needs.
void Link::trim() {
  session_.trim();
  actions_.trim();
  client_.trim();
  server_.trim();
  to_client_.trim();
  to_server_.trim();
  if (server_leg_ == Leg::open) connector_.reset();
}

void Link::on_shutdown(bool now) {
  if (state_ != State::open) {
    if (now) retire();
    return;
  }
  session_.on_shutdown(now, actions_);
  carry_out();
  settle();
}

}  // namespace pgward::proxy
