// Loads the configuration for a subcommand, or shows all that is wrong with it.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "proxy/config/config.h"

namespace pgward::proxy {

inline std::optional<Config> configured(const std::string& file) {
  LoadedConfig loaded = load_config(file);
  for (const auto& mistake : loaded.mistakes) std::fprintf(stderr, "%s\n", mistake.line().c_str());
  return std::move(loaded.config);
}

}  // namespace pgward::proxy
