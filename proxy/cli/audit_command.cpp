#include <CLI/CLI.hpp>
#include <cstdio>

#include "audit/verify.h"
#include "proxy/cli/audit_tail.h"
#include "proxy/cli/commands.h"

namespace pgward::proxy {
namespace {

int verify(const std::string& directory) {
  const audit::VerifyReport report = audit::verify(directory);
  if (!report.error.empty()) {
    std::fprintf(stderr, "pgward audit: nothing could be checked: %s\n", report.error.c_str());
    return 2;
  }
  if (report.first_bad) {
    const auto& bad = *report.first_bad;
    std::printf("BROKEN at %s:%llu (record %llu): %s\n", bad.file.c_str(), static_cast<unsigned long long>(bad.line),
                static_cast<unsigned long long>(bad.seq), bad.reason.c_str());
    std::printf("%llu records before it are intact\n", static_cast<unsigned long long>(report.records));
    return 1;
  }
  std::printf("intact: %llu records in %llu segment%s, head %s\n", static_cast<unsigned long long>(report.records),
              static_cast<unsigned long long>(report.segments), report.segments == 1 ? "" : "s", report.head.c_str());
  return 0;
}

}  // namespace

void add_audit(CLI::App& app, int& status) {
  struct Arguments {
    std::string directory;
    std::size_t count = 20;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("audit", "Verify and read the audit trail");
  command->require_subcommand(1);
  CLI::App* verifying = command->add_subcommand("verify", "Check the chain; names the first bad record");
  verifying->add_option("DIRECTORY", arguments->directory, "the audit directory")->required();
  verifying->callback([arguments, &status] { status = verify(arguments->directory); });
  CLI::App* tailing = command->add_subcommand("tail", "Show the last records");
  tailing->add_option("DIRECTORY", arguments->directory, "the audit directory")->required();
  tailing->add_option("-n", arguments->count, "how many")->capture_default_str();
  tailing->callback([arguments, &status] { status = tail(arguments->directory, arguments->count); });
}

}  // namespace pgward::proxy
