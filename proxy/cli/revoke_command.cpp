#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "auth/text_checks.h"
#include "auth/utc_time.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/configured.h"
#include "proxy/serve/revocation_file.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::string config, file, before;
  auth::Revocation what;
  std::vector<std::string> tenant;
  bool for_good = false, list = false;
};

int fail(const std::string& text) {
  std::fprintf(stderr, "pgward revoke: %s\n", text.c_str());
  return 1;
}

int show(const std::filesystem::path& file) {
  const auto text = read_file(file, std::uintmax_t{64} << 20);
  if (!text) return fail("cannot read " + file.string());
  std::fwrite(text->data(), 1, text->size(), stdout);
  const auto list = auth::Revocations::parse(*text, 0);
  if (list.complete()) return 0;
  return fail(file.string() + ":" + std::to_string(list.bad_line()) + ": not a revocation; nobody new is let in until it is mended");
}

// Of subjects, keys and tenants what was issued so far: the next credential is a new one. An id comes once.
std::optional<std::string> set_before(Arguments& arguments, auth::UnixTime now) {
  if (!arguments.before.empty()) {
    arguments.what.before = auth::utc_time(arguments.before);
    if (!arguments.what.before) return "--before expects a time such as 2026-11-22T13:00:00Z";
    if (arguments.for_good) return "--before and --for-good exclude each other";
  } else if (arguments.what.id.empty() && !arguments.for_good) {
    arguments.what.before = now;
  }
  return std::nullopt;
}

int revoke(Arguments& arguments) {
  std::filesystem::path file = arguments.file;
  if (file.empty()) {
    if (arguments.config.empty()) return fail("--config FILE or --file FILE is required");
    const auto config = configured(arguments.config);
    if (!config) return 1;
    file = config->revocations;
    if (file.empty()) return fail("the configuration names no file under `revocations`");
  }
  if (arguments.list) return show(file);
  const auth::UnixTime now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  for (const std::string& one : arguments.tenant) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0) return fail("--tenant expects ATTRIBUTE=VALUE, as the audit trail shows them");
    arguments.what.tenant.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  if (auto wrong = set_before(arguments, now)) return fail(*wrong);
  arguments.what.at = auth::utc_text(now);
  const std::string line = auth::revocation_line(arguments.what);
  if (!auth::parse_revocation(std::string_view(line).substr(0, line.size() - 1)))
    return fail("name what is revoked: --id, --subject, --key or --tenant, without control characters");
  if (auto wrong = append_revocation(file, arguments.what)) return fail(file.string() + " " + *wrong);
  std::printf("%s", line.c_str());
  return 0;
}

}  // namespace

void add_revoke(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("revoke", "Take credentials back: open sessions end within a second");
  command->add_option("--config", arguments->config, "configuration, which names the revocation file");
  command->add_option("--file", arguments->file, "the revocation file itself");
  command->add_option("--id", arguments->what.id, "one credential: its jti, serial number or id, as in the audit trail");
  command->add_option("--subject", arguments->what.subject, "all of a person or service");
  command->add_option("--issuer", arguments->what.issuer, "... of this issuer only");
  command->add_option("--key", arguments->what.key, "all that a key vouches for, by its id (kid)");
  command->add_option("--tenant", arguments->tenant, "ATTRIBUTE=VALUE: all of a tenant; may be repeated")->expected(1)->take_all();
  command->add_option("--before", arguments->before, "issued up to then; default: now, but for --id");
  command->add_flag("--for-good", arguments->for_good, "also those that are issued later");
  command->add_option("--reason", arguments->what.reason, "for people; no names of patients");
  command->add_flag("--list", arguments->list, "show the file, and whether it can be read");
  command->callback([arguments, &status] { status = revoke(*arguments); });
}

}  // namespace pgward::proxy
