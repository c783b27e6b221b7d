// One function a subcommand: adds it to the application; when it is run, `status` becomes its exit status.
#pragma once

#include <CLI/App.hpp>

namespace pgward::proxy {

void add_serve(CLI::App& app, int& status);
void add_break_glass(CLI::App& app, int& status);
void add_catalog(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_ddl(CLI::App& app, int& status);
void add_init(CLI::App& app, int& status);
void add_evidence(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_scrub(CLI::App& app, int& status);
void add_test(CLI::App& app, int& status);
void add_revoke(CLI::App& app, int& status);
void add_token(CLI::App& app, int& status);
void add_witness(CLI::App& app, int& status);
void add_audit(CLI::App& app, int& status);

}  // namespace pgward::proxy
