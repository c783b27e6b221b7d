// Syslog: RFC 5424 messages over TLS (RFC 5425, octet counting).
//
// The protocol has no acknowledgement: that bytes were sent says nothing about who has read them. What it has is the end of
// a connection: a receiver that answers our close_notify with its own, and closes without a reset, has read all that came
// before. So a connection carries one load, and is ended in order; only then the load counts as delivered. If the answer does not come, all of it
// is sent again over another connection.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "proxy/config/sinks.h"
#include "proxy/sinks/sink.h"

namespace pgward::proxy {

// <PRI>1 TIMESTAMP HOSTNAME pgward PROCID MSGID [pgward@32473 log= seq= hash= session=] BOM TEXT
std::string syslog_message(const Parcel& parcel, std::string_view text, std::string_view host, std::string_view process);

class SyslogSink final : public Sink {
 public:
  SyslogSink(const SinkPlace& place, const Stop& stop);
  std::optional<std::string> deliver(std::span<const Parcel> parcels) override;
  std::int64_t gather_ms() const override { return 1000; }  // a handshake a load

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::optional<std::string> connect();
  // Calls step() until it has done its work; false: it failed, or time is over.
  template <class Step>
  bool drive(const Step& step);
  bool read_to_the_end();
  bool closed_in_order();
  std::string reason() const;

  const SinkPlace& place_;
  const Stop& stop_;
  const std::string host_, process_;
  Fd socket_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace pgward::proxy
