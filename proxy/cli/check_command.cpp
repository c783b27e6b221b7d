#include <CLI/CLI.hpp>

#include <cstdio>

#include "proxy/cli/check.h"
#include "proxy/cli/commands.h"
#include "proxy/config/config.h"
#include "proxy/serve/load_world.h"

namespace pgward::proxy {

int check(const std::string& config_file, bool offline) {
  LoadedConfig loaded = load_config(config_file);
  std::size_t errors = 0, warnings = 0;
  auto show = [&](const policy::Mistake& mistake) {
    std::printf("%s\n", mistake.line().c_str());
    ++(mistake.severity == policy::Severity::error ? errors : warnings);
  };
  for (const auto& mistake : loaded.mistakes) show(mistake);
  if (loaded.config) {
    LoadedWorld world = load_world(*loaded.config, 1, offline);
    for (const auto& mistake : world.mistakes) show(mistake);
    for (const auto& [database, reason] : world.unread) {
      std::printf("%s:1:1: database %s cannot be read: %s\n", config_file.c_str(), database.c_str(), reason.c_str());
      ++errors;
    }
    if (!upstream_password(*loaded.config)) {
      std::printf("%s:1:1: the upstream password cannot be read\n", config_file.c_str());
      ++errors;
    }
  }
  std::printf("%zu mistake%s, %zu warning%s%s\n", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
              offline ? " (the database was not asked)" : "");
  return errors == 0 ? 0 : 1;
}

void add_check(CLI::App& app, int& status) {
  struct Arguments {
    std::string config;
    bool offline = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("check", "Check configuration, policy and database; shows all mistakes at once");
  command->add_option("--config", arguments->config, "configuration file")->required();
  command->add_flag("--offline", arguments->offline, "do not ask the database");
  command->callback([arguments, &status] { status = check(arguments->config, arguments->offline); });
}

}  // namespace pgward::proxy
