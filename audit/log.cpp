#include "audit/log.h"

#include "audit/trail.h"
#include "audit/writer.h"

namespace pgward::audit {

std::variant<std::unique_ptr<Log>, std::string> Log::open(LogConfig config, std::int64_t now_us) {
  auto trail = Trail::open(config, now_us);
  if (auto* error = std::get_if<std::string>(&trail)) return std::move(*error);
  return std::make_unique<Writer>(std::move(std::get<std::unique_ptr<Trail>>(trail)), std::move(config));
}

}  // namespace pgward::audit
