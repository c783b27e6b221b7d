#include <CLI/CLI.hpp>
#include <cstdio>

#include "policy/against_catalog.h"
#include "policy/row_security_sql.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/database.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string policy, upstream;
};

// Findings that the SQL is there to end; every other error means that the policy is for another database.
bool ends(const policy::Mistake& finding) { return finding.code.starts_with("rls-"); }

int ddl(const Arguments& arguments) {
  const auto policy = policy_from(arguments.policy);
  if (!policy) return 1;
  if (!arguments.upstream.empty()) {
    auto database = read_database(arguments.upstream);
    if (auto* error = std::get_if<std::string>(&database)) return cannot("ddl", *error);
    bool fits = true;
    for (const auto& finding : policy::check_against(*policy, std::get<Database>(database).catalog)) {
      if (finding.severity != policy::Severity::error || ends(finding) || finding.code.starts_with("upstream-")) continue;
      std::fprintf(stderr, "%s\n", finding.line().c_str());
      fits = false;
    }
    if (!fits) return 1;
  }
  const std::string sql = policy::row_security_sql(*policy, arguments.policy);
  std::fwrite(sql.data(), 1, sql.size(), stdout);
  return 0;
}

}  // namespace

void add_ddl(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("ddl", "Print the SQL for row-level security that a policy asks for; runs nothing");
  command->add_option("--policy", arguments->policy, "policy file")->required();
  command->add_option("--upstream", arguments->upstream, "first compare the policy's names with this database");
  command->callback([arguments, &status] { status = ddl(*arguments); });
}

}  // namespace pgward::proxy
