// Statements about the session itself, which pgward answers whatever the policy says:
//
//   SHOW pgward.identity              who this is, as one JSON object; also pgward.subject, issuer, role, tenant,
//                                     expires, credential, session
//   SET pgward.token = 'eyJ...'       goes on under a newer token of the same person, for the same tenant and role
//
// Only a text that is one such statement and nothing else is one of ours; any other goes the way of all statements,
// where settings of the class `pgward` are refused.
#pragma once

#include <optional>
#include <string_view>

namespace pgward::proxy {

enum class OwnSetting { identity, subject, issuer, role, tenant, expires, credential, session, count_ };
std::string_view name_of(OwnSetting setting);  // "pgward.identity"

struct OwnStatement {
  std::optional<OwnSetting> shows;
  std::string_view token;  // when it shows nothing; looks into the text. Empty: not written as a token can be
};

std::optional<OwnStatement> own_statement(std::string_view sql);

}  // namespace pgward::proxy
