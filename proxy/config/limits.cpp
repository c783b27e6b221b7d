#include "proxy/config/limits.h"

#include <unistd.h>

#include <charconv>

#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

constexpr yaml::Range kCount{1, 1'000'000};
constexpr std::int64_t kMiB = 1 << 20;

}  // namespace

// "64MiB", "2GiB": in bytes, whole MiB. PostgreSQL's settings call these MB and GB.
std::optional<std::size_t> size_bytes(const yaml::Node& node, std::string_view what, yaml::Range mib, yaml::Mistakes& mistakes) {
  if (node.is_scalar() && node.text.size() > 3) {
    const std::string_view text = node.text;
    const std::string_view unit = text.substr(text.size() - 3);
    std::int64_t value = 0;
    const char* const digits_end = text.data() + text.size() - 3;
    const auto [end, error] = std::from_chars(text.data(), digits_end, value);
    const std::int64_t factor = unit == "GiB" ? 1024 : 1;
    if (error == std::errc{} && end == digits_end && (unit == "MiB" || unit == "GiB") && value <= mib.max / factor &&
        value * factor >= mib.min)
      return static_cast<std::size_t>(value * factor * kMiB);
  }
  mistakes.add(node, std::string(what) + " must be a size such as 64MiB or 2GiB, from " + std::to_string(mib.min) +
                         "MiB to " + std::to_string(mib.max / 1024) + "GiB");
  return std::nullopt;
}

void read_limits(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "limits",
                    {"connections", "connections_per_address", "logging_in", "logging_in_per_address", "login_timeout",
                     "prepared_statements", "new_connections_per_second", "failed_login_delay", "failed_login_delay_max",
                     "message_bytes", "message_memory", "prepared_memory"}, mistakes);
  auto count = [&](std::string_view key, std::string_view what, std::size_t& into) {
    if (const auto* value = map.find(key))
      into = static_cast<std::size_t>(yaml::integer(*value, what, kCount, mistakes).value_or(static_cast<std::int64_t>(into)));
  };
  count("connections", "the number of connections", config.admission.connections);
  // Whoever sets the total alone means it for each address as well.
  config.admission.connections_per_address = config.admission.connections;
  count("connections_per_address", "the number of connections of one address", config.admission.connections_per_address);
  count("logging_in", "the number of connections that have not logged in", config.admission.logging_in);
  config.admission.logging_in_per_address = config.admission.logging_in;
  count("logging_in_per_address", "the number of connections of one address that have not logged in",
        config.admission.logging_in_per_address);
  count("prepared_statements", "the number of prepared statements of a session", config.session.prepared_statements);
  if (const auto* value = map.find("message_bytes"))
    config.session.message_bytes =
        size_bytes(*value, "the largest message that is held as a whole", {8, 1024}, mistakes).value_or(config.session.message_bytes);
  if (const auto* value = map.find("message_memory"))
    config.message_memory = size_bytes(*value, "the memory for large messages of all sessions", {16, 1 << 20}, mistakes)
                                .value_or(config.message_memory);
  if (const auto* value = map.find("prepared_memory"))
    config.prepared_memory = size_bytes(*value, "the memory for prepared statements of all sessions", {16, 1 << 20}, mistakes)
                                 .value_or(config.prepared_memory);
  count("new_connections_per_second", "the number of new connections a second", config.admission.per_second);
  if (const auto* value = map.find("failed_login_delay"))
    config.failures.delay_s = yaml::duration_s(*value, "how long a failed log-in waits for its answer", {0, 60}, mistakes).value_or(1);
  if (const auto* value = map.find("failed_login_delay_max"))
    config.failures.delay_max_s = yaml::duration_s(*value, "how long it waits at most", {0, 60}, mistakes).value_or(8);
  if (const auto* value = map.find("login_timeout"))
    config.session.login_timeout_s =
        yaml::duration_s(*value, "the time for a log-in", {1, 600}, mistakes).value_or(config.session.login_timeout_s);
}

void read_session(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "session", {"idle_timeout", "maximum", "expiry_grace"}, mistakes);
  auto seconds = [&](std::string_view key, std::string_view what, std::int64_t& into, yaml::Range range) {
    if (const auto* value = map.find(key)) into = yaml::duration_s(*value, what, range, mistakes).value_or(into);
  };
  LifeLimits& life = config.session.life;
  seconds("idle_timeout", "the time a session may be idle", life.idle_timeout_s, {1, 7 * 24 * 3600});
  seconds("maximum", "the longest life of a session", life.maximum_s, {1, 30 * 24 * 3600});
  seconds("expiry_grace", "the time that a running statement has left", life.expiry_grace_s, {0, 600});
}

void read_tcp(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "tcp", {"keepalives_idle", "keepalives_interval", "keepalives_count", "user_timeout"}, mistakes);
  auto seconds = [&](std::string_view key, std::string_view what, int& into, int unit) {
    if (const auto* value = map.find(key))
      if (const auto given = yaml::duration_s(*value, what, {1, 24 * 3600}, mistakes)) into = static_cast<int>(*given) * unit;
  };
  seconds("keepalives_idle", "the silence before a keepalive", config.tcp.keepalives_idle_s, 1);
  seconds("keepalives_interval", "the time between keepalives", config.tcp.keepalives_interval_s, 1);
  seconds("user_timeout", "the time for which sent data may stay unconfirmed", config.tcp.user_timeout_ms, 1000);
  if (const auto* value = map.find("keepalives_count"))
    config.tcp.keepalives_count = static_cast<int>(
        yaml::integer(*value, "the number of keepalives", {1, 127}, mistakes).value_or(config.tcp.keepalives_count));
}

void read_alerts(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "alerts", {"command", "timeout"}, mistakes);
  if (const auto* value = map.require("command")) {
    for (const yaml::Node* one : yaml::texts(*value, "a command and its arguments", mistakes)) config.alert_command.push_back(one->text);
    if (!config.alert_command.empty() && ::access(config.alert_command[0].c_str(), X_OK) != 0)
      mistakes.add(*value, "the command cannot be run: expected the path of a program, then its arguments; there is no shell");
    if (!config.alert_command.empty() && !config.alert_command[0].starts_with('/'))
      mistakes.add(*value, "the command must be an absolute path");
  }
  if (const auto* value = map.find("timeout"))
    config.alert_timeout_s = yaml::duration_s(*value, "the time that the command may take", {1, 300}, mistakes).value_or(10);
}

unsigned read_socket_mode(const yaml::Node& node, yaml::Mistakes& mistakes) {
  constexpr unsigned kDefault = 0770;
  const auto text = yaml::text(node, "the permissions of a Unix socket", mistakes);
  if (!text) return kDefault;
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
  if (error == std::errc{} && end == text->data() + text->size() && mode <= 0777 && text->size() >= 3) return mode;
  mistakes.add(node, "expected permissions as chmod takes them, as in mode: \"0770\"");
  return kDefault;
}

}  // namespace pgward::proxy
