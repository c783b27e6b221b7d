#include "proxy/serve/report.h"

#include <spdlog/spdlog.h>

#include <cstdio>

namespace pgward::proxy {

void tell_unfetched(const LoadedWorld& loaded) {
  for (const auto& [issuer, reason] : loaded.unfetched)
    spdlog::warn("key set of {}: {}{}", issuer, reason, loaded.keys_missing ? "; its tokens are not accepted" : "; the last one is used");
}

// Errors in full. Warnings are many where a database has grown, and `pgward check` is the place to read them.
void show(const LoadedWorld& loaded, const Config& config) {
  std::size_t warnings = 0;
  for (const auto& mistake : loaded.mistakes) {
    if (mistake.severity == policy::Severity::warning) ++warnings;
    else std::fprintf(stderr, "%s\n", mistake.line().c_str());
  }
  if (warnings != 0)
    std::fprintf(stderr, "pgward: %zu warning%s about policy and database; see: pgward check --config %s\n", warnings,
                 warnings == 1 ? "" : "s", config.file.c_str());
  for (const auto& [database, reason] : loaded.unread) spdlog::warn("database {}: {}", database, reason);
  tell_unfetched(loaded);
}

}  // namespace pgward::proxy
