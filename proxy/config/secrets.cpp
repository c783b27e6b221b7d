#include "proxy/config/secrets.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "proxy/config/config.h"

namespace pgward::proxy {

std::optional<auth::Secret> read_secret(const std::filesystem::path& file) {
  auto text = read_file(file);
  if (!text) return std::nullopt;
  std::string_view line(*text);
  if (line.ends_with('\n')) line.remove_suffix(1);
  auth::Secret secret(line);
  OPENSSL_cleanse(text->data(), text->size());
  return secret;
}

std::optional<auth::Secret> take_environment(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, auth::Secret> taken;
  const std::lock_guard lock(mutex);
  if (char* value = std::getenv(name.c_str())) {  // NOLINT(concurrency-mt-unsafe)
    taken[name] = auth::Secret(std::string_view(value));
    OPENSSL_cleanse(value, std::strlen(value));
    ::unsetenv(name.c_str());
  }
  const auto found = taken.find(name);
  return found == taken.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pgward::proxy
