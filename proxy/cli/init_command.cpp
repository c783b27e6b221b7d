#include <CLI/CLI.hpp>
#include <cstdio>

#include "policy/first_policy.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/database.h"

namespace pgward::proxy {

void add_init(CLI::App& app, int& status) {
  auto upstream = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("init", "Print a first policy, guessed from a database; every guess says why");
  command->add_option("--upstream", *upstream, "database, as psql takes it (best as the user pgward logs in with)")->required();
  command->callback([upstream, &status] {
    auto database = read_database(*upstream);
    if (auto* error = std::get_if<std::string>(&database)) {
      status = cannot("init", *error);
      return;
    }
    const Database& read = std::get<Database>(database);
    const std::string policy = policy::first_policy(read.catalog, read.survey);
    std::fwrite(policy.data(), 1, policy.size(), stdout);
    status = 0;
  });
}

}  // namespace pgward::proxy
