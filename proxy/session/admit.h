// From a verified identity to a session's terms: role, tenant, database, start-up parameters. Whatever way somebody
// proved who they are, what follows from it is decided here and nowhere else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audit/subject_keys.h"
#include "auth/identity.h"
#include "proxy/session/emergency.h"
#include "proxy/session/gate.h"
#include "proxy/session/login_errors.h"
#include "proxy/session/services.h"

namespace pgward::proxy {

// A client that has shown who it is.
struct Admitted {
  auth::Identity identity;
  Caller caller;
  std::shared_ptr<const World> world;
  std::vector<std::pair<std::string, std::string>> startup;  // our StartupMessage's parameters
  std::string changes_word = {};  // by which triggers of this session tell of changes (policy::kChangesSetting)
  std::string application;                                   // for records: printable ASCII, at most 63 bytes
  bool search_path_given = false;
  std::uint16_t protocol_minor = 0;  // 3.0 or 3.2
  std::optional<Emergency> emergency;
  std::shared_ptr<const audit::SubjectKey> subject_key = {};  // of its tenant; null: nothing is protected
};

// What the client's StartupMessage asked for.
struct StartupRequest {
  std::string user, database;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::uint16_t protocol_minor = 0;
};

struct LoginRefused {
  SessionError error;
  std::string_view failure = {};  // a code for the audit trail; empty: the error's own
  std::string object = {};        // parameter_refused: the setting
};

std::variant<Admitted, LoginRefused> admit(Services& services, std::shared_ptr<const World> world,
                                           auth::Identity identity, const StartupRequest& request);

}  // namespace pgward::proxy
