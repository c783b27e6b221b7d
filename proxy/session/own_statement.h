// Statements about the session itself, which pgward answers whatever the policy says:
//
//   SHOW pgward.identity              who this is, as one JSON object; also pgward.subject, issuer, role, tenant,
//                                     expires, credential, session, break_glass
//   SET pgward.token = 'eyJ...'       goes on under a newer token of the same person, for the same tenant and role
//   SET pgward.sign_off = 'bg-..'     has looked at emergency access of somebody else
//
// Only a text that is one such statement and nothing else is one of ours; any other goes the way of all statements,
// where settings of the class `pgward` are refused.
#pragma once

#include <optional>
#include <string_view>

#include "auth/secret.h"

namespace pgward::proxy {

enum class OwnSetting { identity, subject, issuer, role, tenant, expires, credential, session, break_glass, count_ };
std::string_view name_of(OwnSetting setting);  // "pgward.identity"

// What a statement changes when it is run.
struct OwnChange {
  enum class Kind { token, sign_off };
  Kind kind = Kind::token;
  auth::Secret value;  // a token, or the id of emergency access
};

struct OwnStatement {
  std::optional<OwnSetting> shows;
  OwnChange::Kind sets = OwnChange::Kind::token;  // when it shows nothing
  std::string_view value;  // looks into the text. Empty: not written as a token or an id can be
};

std::optional<OwnStatement> own_statement(std::string_view sql);

}  // namespace pgward::proxy
