// What a session machine needs from outside, as an interface: a test gives it a fake, and the machine
// itself stays free of clocks, sockets and locks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/revocations.h"
#include "auth/secret.h"
#include "auth/verified_tokens.h"
#include "protocol/bytes.h"
#include "proxy/session/audit_mode.h"
#include "proxy/session/emergency.h"
#include "proxy/session/gate.h"
#include "proxy/session/key_job.h"
#include "proxy/session/lifetime.h"
#include "proxy/session/message_memory.h"
#include "proxy/session/world.h"
#include "rules/scrubber.h"

namespace pgward::proxy {

struct Bound;

// Where the upstream server is and how to log in there.
struct Upstream {
  struct Login {
    std::string user;
    auth::Secret password;
  };
  std::string host;  // as shown in audit records
  std::string user;
  auth::Secret password;
  bool tls = true;
  std::vector<std::string> databases;
  std::map<std::string, Login, std::less<>> roles = {};  // those that log in as somebody else

  const std::string& user_of(std::string_view role) const {
    const auto own = roles.find(role);
    return own == roles.end() ? user : own->second.user;
  }
  const auth::Secret& password_of(std::string_view role) const {
    const auto own = roles.find(role);
    return own == roles.end() ? password : own->second.password;
  }
};

// What a session may take.
struct SessionLimits {
  std::int64_t login_timeout_s = 30;             // from the first byte to the first ReadyForQuery
  std::size_t prepared_statements = 5'000;       // named ones, and as many portals
  std::size_t prepared_bytes = std::size_t{64} << 20;  // of their texts
  std::size_t message_bytes = std::size_t{64} << 20;    // of a message that has to be held as a whole
  LifeLimits life = {};
  bool seal_keys = false;  // the trail holds keys also for those who have the tenant's key
};

class Services {
 public:
  virtual ~Services() = default;
  virtual std::shared_ptr<const World> world() = 0;  // the newest one
  virtual const Upstream& upstream() = 0;
  virtual const SessionLimits& limits() = 0;
  virtual MessageMemory& message_memory() = 0;
  virtual MessageMemory& prepared_memory() = 0;  // of prepared statements and portals
  virtual const rules::Scrubber& scrubber() = 0;
  virtual auth::VerifiedTokens& tokens() = 0;  // verifies, with this thread's memory
  virtual std::shared_ptr<const auth::Revocations> revocations() { return nullptr; }  // the newest list; null: none is kept
  // An equal one that other sessions rest on, if there is one (bound.h).
  virtual std::shared_ptr<const Bound> shared(std::shared_ptr<const Bound> bound) { return bound; }
  virtual Gate& gate() = 0;  // decides statements, with this thread's plan cache
  // False while the audit log cannot be written: statements that must be recorded are refused.
  virtual bool audit_available() = 0;
  virtual AuditMode audit_mode() { return AuditMode::closed; }
  // It cannot because the disk fails or is full: a reason for `closed_writes`. An anchor that says no is none.
  virtual bool reads_may_go_on() { return false; }
  // How often the log has failed so far: records of before may be missing in it.
  virtual std::uint64_t audit_failures() { return 0; }
  // For the key of this tenant's pseudonyms (audit/subject_keys.h), made durable when it is the first. Not run yet, or done.
  virtual std::shared_ptr<KeyJob> find_key(audit::TenantNames tenant) = 0;
  virtual auth::UnixTime now() = 0;
  virtual std::string random_bytes(std::size_t count) = 0;  // cryptographically strong
  // Registers the server's cancel key under the same pid and gives the key that the client gets instead,
  // `key_bytes` long.
  virtual protocol::Bytes register_cancel(std::uint32_t pid, protocol::ByteView server_key, std::size_t key_bytes) = 0;
  virtual void forget_cancel(std::uint32_t pid, protocol::ByteView our_key) = 0;
  // A log-in failed: how many seconds its answer waits.
  virtual std::int64_t login_failed(const std::string&, const std::string&) { return 0; }
  // Emergency access began: people are told at once (`members` are those of its record), and it can be signed off.
  virtual void glass_broken(const std::string& /*id*/, EmergencyAccess, std::string /*members*/) {}
  // Nothing: there was none by that id.
  virtual std::optional<EmergencyAccess> emergency_access(std::string_view) { return std::nullopt; }
  // The catalogs may be out of date: a statement that can change them has gone through, or one was refused for
  // a name that is not in them; or the keys: a token came under one that is not among them. They are read again in their own time; nobody waits for it.
  enum class Suspicion { ddl, missing_name, unknown_key };
  virtual void suspect_catalog(Suspicion) {}
  // The number of a reading of the catalogs that has not begun yet, and whether it is over (World::read_by says whether it
  // told anything of a database). To be asked for before
  // the suspicion is told, or that reading might not be the one that is made for it.
  virtual std::uint64_t next_catalog() { return 0; }
  virtual bool catalog_read(std::uint64_t) { return true; }
};

}  // namespace pgward::proxy
