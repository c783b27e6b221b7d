// The officer's questions as subcommands of `pgward audit`.
#pragma once

#include <CLI/App.hpp>

namespace pgward::proxy {

void add_questions(CLI::App& audit, int& status);

}  // namespace pgward::proxy
