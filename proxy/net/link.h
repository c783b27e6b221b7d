// The driver of one session: carries out what the machine (proxy/session) wants, in order.
//
// "Record, then forward" rests on two gates: from the moment a record with a barrier was appended, what goes to
// that side is kept in its gate until the log says that the record is durable. A list of actions is carried out
// to its end before the next event is looked at.
#pragma once

#include <memory>
#include <string>

#include "audit/log.h"
#include "proxy/net/admission.h"
#include "proxy/net/endpoint.h"
#include "proxy/net/record_gate.h"
#include "proxy/net/server_connector.h"
#include "proxy/session/session.h"

namespace pgward::proxy {

class Link;

// What a link needs of its reactor.
class LinkHost {
 public:
  virtual ~LinkHost() = default;
  virtual Poller& poller() = 0;
  virtual audit::Log& log() = 0;
  virtual std::int64_t now_us() = 0;
  virtual Services& services() = 0;
  virtual SSL_CTX* client_tls() = 0;    // our certificate; null: none
  virtual SSL_CTX* upstream_tls() = 0;
  virtual SSL_CTX* upstream_tls_of(const std::string& /*user*/) { return upstream_tls(); }
  virtual const std::string& upstream_host() = 0;
  virtual ServerConnector new_connector() = 0;
  virtual char* read_buffer() = 0;      // shared by all links of the thread
  virtual std::size_t read_buffer_bytes() = 0;
  // Passes a cancel on if the key is ours; `client` (may be closed) stays open until the server is done.
  virtual void forward_cancel(std::uint32_t pid, const Bytes& key, Stream client) = 0;
  // on_log_progress() is called once when the log has news. Before the record is appended: what was decided
  // earlier is not told again.
  virtual void waits_for_log(Link& link) = 0;
  // on_news() is called, later and not from here, when the job is done or there may be room for it again.
  virtual void run_elsewhere(Link& link, std::shared_ptr<Job> job) = 0;
  // So many answers went out without their record (AuditMode::closed_writes).
  virtual void reads_missed(std::uint64_t /*count*/) {}
  virtual void retire(Link& link) = 0;  // destroys it once no event is being handled
};

class Link {
 public:
  Link(LinkHost& host, Fd client, ListenerRules rules, audit::Source source, Admission::Slot slot);

  void begin();
  void on_log_progress();
  void on_news();
  void on_clock();
  void on_shutdown(bool now);
  bool retired() const { return state_ == State::retired; }

 private:
  enum class State { open, closing, lingering, retired };

  void client_event(std::uint32_t events);
  void server_event(std::uint32_t events);
  bool handshake(Endpoint& side, bool& failed);
  void client_handshake();
  void client_gone();
  void server_handshake();
  bool begins_with_tls();
  bool read_client();  // whether it got further
  bool read_server();
  bool wants_client() const;
  bool wants_server() const;
  void connect_server();
  void carry_out();
  bool record(Record& action);  // false: it is lost, or something before it was
  void log_lost(bool mid_message);
  void wait_for_log();
  void settle();  // writes, closes what is to be closed, asks epoll for what is wanted next
  void finish_closing();
  void linger();
  void trim();
  void retire();

  LinkHost& host_;
  Admission::Slot slot_;
  Session session_;
  Actions actions_;
  Endpoint client_, server_;
  std::unique_ptr<ServerConnector> connector_;
  enum class Leg { none, connecting, tls, open };
  Leg client_leg_ = Leg::open, server_leg_ = Leg::none;
  bool start_client_tls_ = false;
  bool first_byte_due_ = true;
  RecordGate to_server_, to_client_;
  MessageMemory::Share untaken_;  // by the server
  bool waiting_for_log_ = false;  // the host knows
  State state_ = State::open;
  int linger_ticks_ = 0;
  std::size_t unsent_before_ = 0;  // at the last tick while closing
};

}  // namespace pgward::proxy
