#include "proxy/questions/reading.h"

#include <openssl/rand.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "audit/inbox.h"
#include "audit/pseudonym.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
std::string user_name(std::uint64_t uid) {
  const auto* entry = ::getpwuid(static_cast<uid_t>(uid));
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

std::string person_here() {
  const uid_t uid = ::getuid();
  std::string name = user_name(uid);
  unsigned long login = 0xffff'ffff;
  if (std::ifstream file("/proc/self/loginuid"); file >> login && login != 0xffff'ffff && login != uid) name.append(" (login ").append(user_name(login)).append(")");
  return name;
}

std::string record_reading(const std::filesystem::path& directory, const std::string& command, const nlohmann::ordered_json& more) {
  audit::Pseudonym random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return "no random number could be had";
  std::string id;
  audit::append_pseudonym(id, random);
  nlohmann::ordered_json said{{"type", "trail.read"}, {"id", id}, {"at", utc_text(unix_now_us())}, {"os_user", person_here()},
                              {"uid", static_cast<std::uint64_t>(::getuid())}, {"command", command}};
  for (const auto& [name, value] : more.items()) said[name] = value;
  return audit::put_in_inbox(directory, said.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace pgward::proxy
