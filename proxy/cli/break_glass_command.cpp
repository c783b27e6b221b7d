// `pgward break-glass list` and `sign-off`.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "auth/utc_time.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/configured.h"
#include "proxy/serve/break_glass_book.h"
#include "proxy/upstream/connect.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string config, directory, id, connect;
  bool all = false, as_json = false;
};

int fail(const std::string& text, int status = 1) {
  std::fprintf(stderr, "pgward break-glass: %s\n", text.c_str());
  return status;
}

auth::UnixTime now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// open: in use. unreviewed: over, and nobody has looked at it. signed: somebody has.
std::string state_of(const Opening& one, auth::UnixTime now) {
  if (!one.signed_at.empty()) return "signed";
  return one.closed_at.empty() && now < one.until ? "open" : "unreviewed";
}

std::string ended(const Opening& one, auth::UnixTime now) {
  if (!one.closed_at.empty()) return one.closed_at + " (" + one.closed_why + ")";
  if (now < one.until) return "open until " + auth::utc_text(one.until);
  return "before " + auth::utc_text(one.until) + " (pgward was stopped)";
}

void print_json(const std::vector<Opening>& list, auth::UnixTime now) {
  nlohmann::json out = nlohmann::json::array();
  for (const Opening& one : list) {
    nlohmann::json item{{"id", one.id}, {"state", state_of(one, now)}, {"opened", one.opened_at}, {"until", auth::utc_text(one.until)},
                        {"issuer", one.issuer}, {"subject", one.who.subject}, {"role", one.who.role}, {"reason", one.reason},
                        {"tenant", one.tenant_text}, {"database", one.database}, {"from", one.address}};
    if (!one.closed_at.empty()) item["closed"] = one.closed_at;
    if (!one.signed_at.empty()) item["signed"] = {{"at", one.signed_at}, {"by", one.signed_by}};
    out.push_back(std::move(item));
  }
  std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_text(const std::vector<Opening>& list, auth::UnixTime now) {
  for (const Opening& one : list) {
    std::printf("%s  %s  %s as %s, %s, tenant %s, database %s, from %s\n    from %s to %s\n", one.id.c_str(), state_of(one, now).c_str(),
                one.who.subject.c_str(), one.who.role.c_str(), one.reason.c_str(), one.tenant_text.c_str(), one.database.c_str(),
                one.address.c_str(), one.opened_at.c_str(), ended(one, now).c_str());
    if (!one.signed_at.empty()) std::printf("    signed off by %s at %s\n", one.signed_by.c_str(), one.signed_at.c_str());
  }
}

std::optional<std::string> trail_of(const Arguments& arguments) {
  if (!arguments.directory.empty()) return arguments.directory;
  const auto config = configured(arguments.config);
  if (!config) return std::nullopt;
  return config->audit.directory.string();
}

int list(const Arguments& arguments) {
  if (arguments.directory.empty() && arguments.config.empty()) return fail("DIRECTORY or --config FILE is required", 2);
  const auto directory = trail_of(arguments);
  if (!directory) return 2;
  Openings found = read_openings(*directory);
  if (!arguments.all) std::erase_if(found.list, [](const Opening& one) { return !one.signed_at.empty(); });
  const auth::UnixTime now = now_s();
  if (arguments.as_json) print_json(found.list, now);
  else print_text(found.list, now);
  if (!found.error.empty()) return fail(found.error, 2);
  if (!arguments.as_json && found.list.empty()) std::printf("none\n");
  return 0;
}

// Through pgward itself: who signs is whom a credential vouches for, not who a command line says.
int sign_off(const Arguments& arguments) {
  if (arguments.id.empty() || arguments.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return fail("that is no id of emergency access; see: pgward break-glass list");
  auto connected = connect_by_conninfo(arguments.connect);
  if (const auto* error = std::get_if<std::string>(&connected)) return fail(*error, 2);
  PGconn* connection = std::get<Connection>(connected).get();
  const std::string sql = "SET pgward.sign_off = '" + arguments.id + "'";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return fail(PQerrorMessage(connection));
  std::printf("%s signed off\n", arguments.id.c_str());
  return 0;
}

}  // namespace

void add_break_glass(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("break-glass", "Emergency access: what nobody has looked at yet, and signing it off");
  command->require_subcommand(1);
  CLI::App* listing = command->add_subcommand("list", "From the audit trail: open and not signed off, oldest first");
  listing->add_option("DIRECTORY", arguments->directory, "the audit directory");
  listing->add_option("--config", arguments->config, "configuration, which names the audit directory");
  listing->add_flag("--all", arguments->all, "also what was signed off");
  listing->add_flag("--json", arguments->as_json, "print JSON");
  listing->callback([arguments, &status] { status = list(*arguments); });
  CLI::App* signing = command->add_subcommand("sign-off", "Somebody else than the user has looked at it; recorded in the trail");
  signing->add_option("ID", arguments->id, "as `list` shows it")->required();
  signing->add_option("--connect", arguments->connect, "pgward, as psql takes it; the credential in PGPASSWORD says who signs")->required();
  signing->callback([arguments, &status] { status = sign_off(*arguments); });
}

}  // namespace pgward::proxy
