// Secrets out of files and environment variables.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "auth/secret.h"

namespace pgward::proxy {

// Its last newline is not part of it, and no other copy stays.
std::optional<auth::Secret> read_secret(const std::filesystem::path& file);

// The first time it is taken out of the environment for good: its bytes are overwritten there, so that neither
// /proc/PID/environ nor anything that we start shows it. Kept for later readings. Thread-safe among its own calls; the
// first one belongs before there are threads.
std::optional<auth::Secret> take_environment(const std::string& name);

}  // namespace pgward::proxy
