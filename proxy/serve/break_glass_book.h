// Emergency access as the audit trail tells of it: who broke the glass, why, until when, and who has looked at it since.
// The trail is the only place where that is kept, so it outlives every crash, and nobody can take an entry out of it.
//
//   read_openings(directory)        all of them, oldest first; may take as long as reading the trail takes
//   BreakGlassBook book;            what `serve` has to know to sign off; thread-safe
//   book.add(..), book.find(id)
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/session/emergency.h"

namespace pgward::proxy {

struct Opening {
  std::string id, opened_at, reason, issuer, tenant_text, address, database;
  EmergencyAccess who;
  auth::UnixTime until = 0;
  std::string closed_at, closed_why;  // empty: no record of its end; then `until` says when it ended at the latest
  std::string signed_at, signed_by;   // empty: nobody has
};

struct Openings {
  std::vector<Opening> list;
  std::string error;  // why the trail could not be read to its end; empty: it could
};
// `stop`: it is looked at with each line; may be null.
Openings read_openings(const std::filesystem::path& directory, const std::atomic<bool>* stop = nullptr);

class BreakGlassBook {
 public:
  void add(const std::string& id, EmergencyAccess access);
  std::optional<EmergencyAccess> find(std::string_view id) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, EmergencyAccess, std::less<>> entries_;
};

}  // namespace pgward::proxy
