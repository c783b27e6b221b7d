#include <CLI/CLI.hpp>

#include "proxy/cli/commands.h"
#include "proxy/witness/server.h"

namespace pgward::proxy {

void add_witness(CLI::App& app, int& status) {
  auto options = std::make_shared<WitnessOptions>();
  CLI::App* command = app.add_subcommand("witness", "Cosign the checkpoints of other pgwards, over HTTPS; prints its verifier key");
  command->add_option("--listen", options->listen, "ADDRESS:PORT")->capture_default_str();
  command->add_option("--certificate", options->certificate, "TLS certificate, PEM")->required()->check(CLI::ExistingFile);
  command->add_option("--key", options->key, "its private key, PEM")->required()->check(CLI::ExistingFile);
  command->add_option("--directory", options->directory, "what it has seen, and its own key; made when it is missing")->required();
  command->add_option("--name", options->name, "of this witness, as in witness.example.org")->required();
  command->add_option("--log", options->logs, "verifier key of a log to be witnessed; may be given more than once")->required();
  command->add_option("--ready-fd", options->ready_fd, "write ADDRESS:PORT to this descriptor when listening");
  command->callback([options, &status] { status = witness(*options); });
}

}  // namespace pgward::proxy
