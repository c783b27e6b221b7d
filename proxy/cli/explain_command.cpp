#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "proxy/cli/commands.h"
#include "proxy/cli/configured.h"
#include "proxy/cli/explain_text.h"
#include "proxy/serve/load_world.h"
#include "proxy/session/role_choice.h"
#include "proxy/session/search_path.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string config, database, role, token, search_path, sql;
  std::vector<std::string> claims;
  bool json = false, extended = false;
};

int fail(const std::string& text) {
  std::fprintf(stderr, "pgward explain: %s\n", text.c_str());
  return 1;
}

// Role and claims, from a token or from the command line.
struct Who {
  std::string role;
  std::map<std::string, std::string, std::less<>> claims;
};

std::variant<Who, std::string> who(const Arguments& arguments, const World& world) {
  Who result;
  if (!arguments.token.empty()) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    auto verified = world.verifier->verify(arguments.token, now);
    if (auto* error = std::get_if<auth::JwtError>(&verified)) return "the token is refused: " + std::string(auth::name_of(*error));
    auto& identity = std::get<auth::Identity>(verified);
    auto role = choose_role(identity.roles, arguments.role, *world.policy);
    if (!role) return "the token holds several roles or none that the policy knows: name one with --role";
    result.role = *role;
    result.claims = identity.claims;
  } else {
    result.role = arguments.role;
  }
  for (const std::string& claim : arguments.claims) {
    const auto equals = claim.find('=');
    if (equals == std::string::npos || equals == 0) return "--claim expects NAME=VALUE";
    result.claims[claim.substr(0, equals)] = claim.substr(equals + 1);
  }
  if (!world.policy->roles.contains(result.role)) {
    std::string known;
    for (const auto& [name, role] : world.policy->roles) known += (known.empty() ? "" : ", ") + name;
    return "the policy has no role '" + result.role + "'; it has: " + known;
  }
  return result;
}

int explain(Arguments& arguments) {
  auto config = configured(arguments.config);
  if (!config) return 1;
  if (arguments.sql == "-") arguments.sql.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (arguments.database.empty() && !config->databases.empty()) arguments.database = config->databases.front();
  LoadedWorld loaded = load_world(*config, 1);
  for (const auto& mistake : loaded.mistakes)
    if (mistake.severity == policy::Severity::error) std::fprintf(stderr, "%s\n", mistake.line().c_str());
  for (const auto& [database, reason] : loaded.unread) std::fprintf(stderr, "database %s: %s\n", database.c_str(), reason.c_str());
  if (!loaded.net) return 1;
  const World& world = *loaded.net->world;
  if (world.policy->passes_everything()) return fail("the policy is empty: every statement passes as it is");
  const policy::Catalog* catalog = world.catalog(arguments.database);
  if (!catalog) return fail("database " + arguments.database + " is not served; see above");

  auto identity = who(arguments, world);
  if (auto* error = std::get_if<std::string>(&identity)) return fail(*error);
  const Who& caller = std::get<Who>(identity);
  auto tenant = policy::tenant_values(*world.policy, caller.role, caller.claims);
  if (auto* error = std::get_if<std::string>(&tenant)) return fail(*error + " (give it with --claim NAME=VALUE)");

  std::vector<std::string> path = catalog->default_search_path;
  if (!arguments.search_path.empty()) {
    std::vector<std::string> names;
    if (!split_identifiers(arguments.search_path, names)) return fail("--search-path is not a list of schemas");
    path = effective_path(names, *catalog);
  }
  const auto protocol = arguments.extended ? policy::QueryProtocol::extended : policy::QueryProtocol::simple;
  Explained explained{caller.role, std::get<policy::TenantValues>(tenant), arguments.sql, {}, {}};
  explained.plan = policy::plan({explained.sql, protocol, world.policy->roles.at(caller.role), &path}, *world.policy, *catalog);
  if (!explained.plan.refusal) explained.rendered = policy::render(explained.plan, explained.sql, *world.policy, explained.tenant);
  const std::string text = arguments.json ? explain_json(explained, *world.policy) : explain_text(explained, *world.policy);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("explain", "Show what becomes of a statement, and which policy line causes it");
  command->add_option("--config", arguments->config, "configuration file")->required();
  command->add_option("--database", arguments->database, "database; default: the first that is served");
  command->add_option("--role", arguments->role, "role of the policy");
  command->add_option("--claim", arguments->claims, "NAME=VALUE of the credential, as in clinic_id=7; may be repeated")->expected(1)->take_all();
  command->add_option("--token", arguments->token, "take role and claims from this token");
  command->add_option("--search-path", arguments->search_path, "as SET search_path would have it");
  command->add_flag("--extended", arguments->extended, "decide as for the extended protocol (one statement)");
  command->add_flag("--json", arguments->json, "print JSON");
  command->add_option("SQL", arguments->sql, "the statement, or - for standard input")->required();
  command->callback([arguments, &status] { status = explain(*arguments); });
}

}  // namespace pgward::proxy
