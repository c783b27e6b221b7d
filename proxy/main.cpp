// The pgward command: subcommands are in proxy/cli/.
#include <CLI/CLI.hpp>

#include "proxy/cli/commands.h"
#include "proxy/net/record_buffers.h"

int main(int argc, char** argv) {
  pgward::proxy::keep_record_buffers();  // before OpenSSL is used in any way
  CLI::App app{"pgward: a transparent, PHI-aware PostgreSQL proxy"};
  app.set_version_flag("--version", std::string("pgward ") + PGWARD_VERSION);
  app.require_subcommand(1);
  int status = 0;
  pgward::proxy::add_serve(app, status);
  pgward::proxy::add_check(app, status);
  pgward::proxy::add_ddl(app, status);
  pgward::proxy::add_init(app, status);
  pgward::proxy::add_explain(app, status);
  pgward::proxy::add_scrub(app, status);
  pgward::proxy::add_test(app, status);
  pgward::proxy::add_catalog(app, status);
  pgward::proxy::add_token(app, status);
  pgward::proxy::add_revoke(app, status);
  pgward::proxy::add_break_glass(app, status);
  pgward::proxy::add_audit(app, status);
  pgward::proxy::add_evidence(app, status);
  pgward::proxy::add_witness(app, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
