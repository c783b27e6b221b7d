#include <CLI/CLI.hpp>

#include "proxy/cli/check.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/configured.h"
#include "proxy/serve/serve.h"

namespace pgward::proxy {

void add_serve(CLI::App& app, int& status) {
  struct Arguments {
    std::string config;
    ServeOptions options;
    bool check = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("serve", "Run the proxy in the foreground (SIGTERM drains, SIGHUP reloads)");
  command->add_option("--config", arguments->config, "configuration file")->required();
  command->add_option("--ready-fd", arguments->options.ready_fd, "write ADDRESS:PORT lines to this descriptor when listening");
  command->add_flag("--check", arguments->check, "only check configuration, policy and database, as pgward check does");
  command->callback([arguments, &status] {
    if (arguments->check) {
      status = check({.config = arguments->config});
      return;
    }
    auto config = configured(arguments->config);
    status = config ? serve(*config, arguments->options) : 1;
  });
}

}  // namespace pgward::proxy
