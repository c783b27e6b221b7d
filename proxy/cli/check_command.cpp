#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "policy/against_catalog.h"
#include "policy/file.h"
#include "proxy/cli/check.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/database.h"
#include "proxy/config/config.h"
#include "proxy/serve/load_world.h"

namespace pgward::proxy {
namespace {

// All that was found, and all that could not be looked at.
struct Report {
  std::vector<policy::Mistake> findings;
  std::vector<std::string> unchecked;

  void add(const std::vector<policy::Mistake>& some) { findings.insert(findings.end(), some.begin(), some.end()); }
  std::size_t count(policy::Severity severity) const {
    return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), [&](const auto& one) {
      return one.severity == severity;
    }));
  }
};

Report check_config(const CheckOptions& options) {
  Report report;
  LoadedConfig loaded = load_config(options.config);
  report.add(loaded.mistakes);
  if (!loaded.config) return report;
  LoadedWorld world = load_world(*loaded.config, 1, options.offline);
  report.add(world.mistakes);
  for (const auto& [database, reason] : world.unread)
    report.unchecked.push_back("database " + database + " cannot be read: " + reason);
  if (world.password_missing) report.unchecked.push_back("the upstream password cannot be read");
  return report;
}

Report check_upstream(const CheckOptions& options) {
  Report report;
  policy::Policy policy;
  if (!options.policy.empty()) {
    const auto text = read_file(options.policy);
    if (!text) {
      report.findings.push_back({{options.policy, 1, 1}, "cannot be read"});
      return report;
    }
    policy::Loaded loaded = policy::load_policy(*text, options.policy);
    report.add(loaded.mistakes);
    if (!loaded.policy) return report;
    policy = std::move(*loaded.policy);
  }
  auto database = read_database(options.upstream);
  if (auto* error = std::get_if<std::string>(&database)) {
    report.unchecked.push_back(*error);
    return report;
  }
  const Database& read = std::get<Database>(database);
  report.add(policy::check_against(policy, read.catalog, &read.survey));
  return report;
}

void print_text(const Report& report, bool offline) {
  for (const auto& finding : report.findings)
    std::printf("%s%s\n", finding.line().c_str(), finding.code.empty() ? "" : (" [" + finding.code + "]").c_str());
  for (const std::string& reason : report.unchecked) std::printf("not checked: %s\n", reason.c_str());
  const auto errors = report.count(policy::Severity::error), warnings = report.count(policy::Severity::warning);
  std::printf("%zu mistake%s, %zu warning%s%s\n", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
              offline ? " (the database was not asked)" : "");
}

void print_json(const Report& report) {
  using nlohmann::json;
  json out{{"findings", json::array()}, {"not_checked", report.unchecked},
           {"errors", report.count(policy::Severity::error)}, {"warnings", report.count(policy::Severity::warning)}};
  for (const auto& finding : report.findings) {
    json one{{"severity", finding.severity == policy::Severity::error ? "error" : "warning"},
             {"code", finding.code.empty() ? "file" : finding.code},
             {"place", finding.place.text()},
             {"what", finding.text}};
    if (!finding.object.empty()) one["object"] = finding.object;
    if (!finding.fix.empty()) one[finding.fix_is_sql ? "sql" : "advice"] = finding.fix;
    out["findings"].push_back(std::move(one));
  }
  std::printf("%s\n", out.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

}  // namespace

int check(const CheckOptions& options) {
  const Report report = options.upstream.empty() ? check_config(options) : check_upstream(options);
  if (options.json) print_json(report);
  else print_text(report, options.offline);
  const auto counted = report.count(policy::Severity::error) + (options.strict ? report.count(policy::Severity::warning) : 0);
  if (counted != 0) return 1;
  return report.unchecked.empty() ? 0 : 2;
}

void add_check(CLI::App& app, int& status) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand("check", "Check configuration, policy and database; shows all mistakes at once");
  auto* config = command->add_option("--config", options->config, "configuration file; its policy and databases are checked");
  auto* upstream = command->add_option("--upstream", options->upstream, "instead: a database, as psql takes it (best as the user pgward logs in with)");
  command->add_option("--policy", options->policy, "with --upstream: the policy file")->needs(upstream);
  config->excludes(upstream);
  auto* offline = command->add_flag("--offline", options->offline, "do not ask the database");
  offline->excludes(upstream);
  command->add_flag("--strict", options->strict, "exit status 1 for warnings too");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &status] {
    if (options->config.empty() && options->upstream.empty()) status = cannot("check", "--config FILE or --upstream CONNINFO is required");
    else status = check(*options);
  });
}

}  // namespace pgward::proxy
