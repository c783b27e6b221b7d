// An ErrorResponse or NoticeResponse for a client. Of the server's, only what a Scrubber answered can become one; of
// our own, only a text of the two tables (policy/refusal.cpp, login_errors.cpp) with a name that is known to be none
// of the client's words. Actions takes nothing else of these types, so that nobody has to remember to scrub.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/plan.h"
#include "protocol/bytes.h"
#include "proxy/session/login_errors.h"
#include "rules/scrubber.h"

namespace pgward::proxy {

// A name for a text of our own: one that the catalog, PostgreSQL or the policy has. Empty when it is none of theirs.
class ShownName {
 public:
  ShownName() = default;
  // What may stay of a name as the catalog writes it ("clinic.patients.ssn", "pg_catalog.=").
  ShownName(std::string_view name, const rules::Scrubber& scrubber, const rules::KnownNames& names)
      : text_(scrubber.name(name, names)) {}
  // A setting as the table of known_settings.h or the policy spells it.
  static ShownName of_setting(std::string_view written, const policy::Policy& policy);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class ClientError {
 public:
  enum class Type : char { error = 'E', notice = 'N' };

  ClientError(Type type, const rules::ScrubbedFields& fields);
  ClientError(policy::Refusal refusal, const ShownName& object);  // severity ERROR
  explicit ClientError(SessionError error);                       // severity FATAL
  // Of SessionError::parameter_refused, with the setting's name.
  explicit ClientError(const ShownName& refused_setting);

  protocol::ByteView bytes() const& { return bytes_; }
  protocol::Bytes take() && { return std::move(bytes_); }

 private:
  protocol::Bytes bytes_;
};

}  // namespace pgward::proxy
