// Takes one CancelRequest to the upstream server, on a connection of its own (manual, "Canceling Requests in
// Progress"), with TLS when the upstream leg has it.
//
// The client's connection is closed only after the server has closed ours: then the signal has been sent, and
// a client that waits for the end of file can rely on it.
#pragma once

#include <memory>
#include <string>

#include "proxy/net/endpoint.h"
#include "proxy/net/server_connector.h"

namespace pgward::proxy {

class CancelLink {
 public:
  // `tls` is kept: a reload may replace the reactor's own while this is under way.
  CancelLink(Poller& poller, Stream client, ServerConnector connector, std::shared_ptr<SSL_CTX> tls,
             std::string host, protocol::Bytes request);
  void begin();
  void on_clock() { done_ = done_ || ++ticks_ > 10; }
  bool done() const { return done_; }

 private:
  enum class Leg { connecting, tls_answer, tls, sent };
  void event(std::uint32_t events);
  void send_request();

  Endpoint server_;
  Stream client_;
  ServerConnector connector_;
  std::shared_ptr<SSL_CTX> tls_;
  std::string host_;
  protocol::Bytes request_;
  Leg leg_ = Leg::connecting;
  int ticks_ = 0;
  bool done_ = false;
};

}  // namespace pgward::proxy
