#include "proxy/net/cancel_link.h"

#include "protocol/startup.h"

namespace pgward::proxy {

CancelLink::CancelLink(Poller& poller, Stream client, ServerConnector connector, std::shared_ptr<SSL_CTX> tls,
                       std::string host, protocol::Bytes request)
    : server_(poller, [this](std::uint32_t events) { event(events); }), client_(std::move(client)),
      connector_(std::move(connector)), tls_(std::move(tls)), host_(std::move(host)), request_(std::move(request)) {}

void CancelLink::begin() {
  auto fd = connector_.next();
  if (!fd) {
    done_ = true;
    return;
  }
  server_.adopt(std::move(*fd));
  leg_ = Leg::connecting;
  server_.interest(false, true);
}

void CancelLink::send_request() {
  leg_ = Leg::sent;
  server_.queue(request_);
  server_.flush();
  done_ = done_ || server_.broken();
  server_.interest(true, server_.unsent() > 0);
}

void CancelLink::event(std::uint32_t) {
  if (done_) return;
  switch (leg_) {
    case Leg::connecting:
      if (!ServerConnector::connected(server_.stream().fd())) return begin();
      if (!tls_) return send_request();
      leg_ = Leg::tls_answer;
      {
        protocol::Bytes ask;
        protocol::encode_ssl_request(ask);
        server_.queue(ask);
        server_.flush();
        if (server_.broken() || server_.unsent() > 0) done_ = true;
      }
      return server_.interest(true, false);
    case Leg::tls_answer: {
      char answer = 0;
      const IoResult result = server_.stream().read(&answer, 1);
      if (result.status == Io::again_readable) return;
      if (result.status != Io::done || answer != 'S' || !server_.stream().begin_client_tls(tls_.get(), host_)) {
        done_ = true;
        return;
      }
      leg_ = Leg::tls;
      [[fallthrough]];
    }
    case Leg::tls: {
      const Io io = server_.stream().handshake();
      if (io == Io::done) return send_request();
      if (io == Io::closed || io == Io::failed) done_ = true;
      server_.wait_for_write(io == Io::again_writable);
      return server_.interest(true, false);
    }
    case Leg::sent: {
      server_.flush();
      if (server_.broken()) done_ = true;
      char byte = 0;
      const IoResult result = server_.stream().read(&byte, 1);
      if (result.status == Io::closed || result.status == Io::failed) done_ = true;
      server_.interest(true, server_.unsent() > 0);
      return;
    }
  }
}

}  // namespace pgward::proxy
