#include "proxy/serve/emergencies.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "audit/event.h"

namespace pgward::proxy {
namespace {

const std::string kOutage = "the audit log";  // no id of emergency access: one line of it waits at most

std::int64_t unix_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Emergencies::Emergencies(const Config& config, audit::Log& log)
    : config_(config), log_(log),
      alerts_(config.alert_command, config.alert_timeout_s, [this](const std::string& id, bool well) { sent(id, well); }) {}

Emergencies::~Emergencies() {
  stop_ = true;
  if (reading_.joinable()) reading_.join();
}

void Emergencies::know(const policy::Policy& policy) {
  const bool any = std::any_of(policy.roles.begin(), policy.roles.end(), [](const auto& role) { return role.second.break_glass.has_value(); });
  if (!any || std::exchange(known_, true)) return;
  if (config_.alert_command.empty()) spdlog::warn("the policy has roles for emergencies, and no command under `alerts` tells anybody");
  reading_ = std::thread([this] {
    const Openings found = read_openings(config_.audit.directory, &stop_);
    for (const Opening& one : found.list) book_.add(one.id, one.who);
    if (!found.error.empty()) spdlog::error("emergency access of earlier days cannot be signed off: {}", found.error);
  });
}

void Emergencies::opened(const std::string& id, EmergencyAccess access, std::string members) {
  spdlog::warn("emergency access {} begins", id);
  book_.add(id, std::move(access));
  alerts_.send(id, "{" + std::move(members) + "}\n");
}

void Emergencies::outage(std::string line) { alerts_.send(kOutage, std::move(line)); }

void Emergencies::sent(const std::string& id, bool ended_well) {
  if (id == kOutage) {
    if (!ended_well) spdlog::error("nobody was told of the audit log's state: the command under `alerts` failed");
    return;
  }
  log_.append(audit::members(audit::AlertSent{id, ended_well}), unix_us(), audit::Pace::soon);
  if (!ended_well) spdlog::error("nobody was told of emergency access {}: the command under `alerts` failed", id);
}

}  // namespace pgward::proxy
