#include "proxy/sinks/sinks.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "proxy/sinks/kafka.h"
#include "proxy/sinks/postgresql.h"
#include "proxy/sinks/standard_output.h"
#include "proxy/sinks/syslog.h"

namespace pgward::proxy {
namespace {

constexpr std::chrono::seconds kLastWords{3};  // for what is not delivered when we are stopped

std::unique_ptr<Sink> make(const SinkPlace& place, const Stop& stop) {
  switch (place.kind) {
    case SinkKind::postgresql: return std::make_unique<PostgresqlSink>(place, stop);
    case SinkKind::syslog: return std::make_unique<SyslogSink>(place, stop);
    case SinkKind::kafka: return std::make_unique<KafkaSink>(place, stop);
    case SinkKind::standard_output: break;
  }
  return std::make_unique<StandardOutput>(place.format, stop);
}

std::string seconds(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3).ptr;
  return {text.data(), end};
}

}  // namespace

Sinks::Sinks(const AuditFiles& files, const std::string& version) : places_(files.sinks) {
  for (const SinkPlace& place : places_) couriers_.push_back(std::make_unique<Courier>(place, files.directory, audit::Producer{version}, make));
}

void Sinks::start(const audit::Log& log) {
  started_ = true;
  for (const auto& courier : couriers_) courier->start(log);
}

void Sinks::stop() {
  if (!std::exchange(started_, false)) return;
  for (const auto& courier : couriers_) courier->finish();
  const auto until = std::chrono::steady_clock::now() + kLastWords;
  for (const auto& courier : couriers_) courier->await_done(until);
  for (const auto& courier : couriers_) courier->stop();
}

bool Sinks::own_standard_output(const AuditFiles& files) {
  return std::any_of(files.sinks.begin(), files.sinks.end(), [](const SinkPlace& place) { return place.kind == SinkKind::standard_output; });
}

void Sinks::metrics(std::string& out) const {
  if (couriers_.empty()) return;
  std::vector<Courier::Health> all;
  for (const auto& courier : couriers_) all.push_back(courier->health());
  const auto family = [&](const char* name, const char* type, const char* help, const auto& value) {
    std::string full = "pgward_audit_sink_";
    full += name;
    ((out += "# HELP ") += full) += ' ';
    ((out += help) += "\n# TYPE ") += full;
    ((out += ' ') += type) += '\n';
    for (const Courier::Health& health : all) {
      ((out += full) += "{sink=\"") += health.name;
      ((out += "\"} ") += value(health)) += '\n';
    }
  };
  family("up", "gauge", "1 while the sink takes records.", [](const auto& health) { return std::string(health.up ? "1" : "0"); });
  family("delivered_total", "counter", "Records that the sink has said it holds, since the start.", [](const auto& health) { return std::to_string(health.delivered); });
  family("lag_records", "gauge", "Records in the log that the sink does not hold yet.", [](const auto& health) { return std::to_string(health.lag_records); });
  family("lag_seconds", "gauge", "Age of the oldest of them.", [](const auto& health) { return seconds(health.lag_s); });
}

}  // namespace pgward::proxy
