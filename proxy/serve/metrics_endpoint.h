// Answers Prometheus: GET /metrics over HTTP/1.1, one client after another, in a thread of its own. On a loopback address
// or a Unix socket only: there is no TLS and no log-in here. What it shows are counts and PostgreSQL's own words.
//
// open(), then it serves until it is destroyed. A client that is slow, or sends anything else, is cut off; sessions never
// wait for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "proxy/net/fd.h"
#include "proxy/net/listener.h"

namespace pgward::proxy {

// `request`: the front of what a client sent, up to the empty line.
std::string metrics_answer(std::string_view request, const std::function<void(std::string&)>& render);

class MetricsEndpoint {
 public:
  // `render` appends the metrics; it is called from the thread of the endpoint.
  static std::variant<std::unique_ptr<MetricsEndpoint>, std::string> open(const std::string& address,
                                                                          std::function<void(std::string&)> render);
  ~MetricsEndpoint();
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

  const std::string& bound_to() const { return listener_.bound_to(); }

 private:
  MetricsEndpoint(Listener listener, std::function<void(std::string&)> render);
  void serve();
  void answer(const Fd& client) const;
  // Until `fd` is ready, or nothing is to be waited for any more.
  bool ready(int fd, short events, std::int64_t until_ms) const;

  Listener listener_;
  std::function<void(std::string&)> render_;
  Fd stop_;
  std::thread thread_;
};

}  // namespace pgward::proxy
