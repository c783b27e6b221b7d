// All sinks of a configuration.
//
//   Sinks sinks(config.audit, version)   before the log is opened, whose writer rings
//   sinks.start(log)                     one thread each
//   sinks.ring()                         the log has grown; any thread
//   sinks.stop()                         behind the log's end, before it goes: what it holds by now is delivered where that works
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/sinks/courier.h"

namespace pgward::proxy {

class Sinks {
 public:
  Sinks(const AuditFiles& files, const std::string& version);
  ~Sinks() { stop(); }

  void start(const audit::Log& log);
  void ring() {
    for (const auto& courier : couriers_) courier->ring();
  }
  void stop();
  void metrics(std::string& out) const;
  // Whether records go to standard output: nothing else must, then.
  static bool own_standard_output(const AuditFiles& files);

 private:
  const std::vector<SinkPlace>& places_;
  std::vector<std::unique_ptr<Courier>> couriers_;  // not changed after the constructor
  bool started_ = false;
};

}  // namespace pgward::proxy
