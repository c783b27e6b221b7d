// Every reason for which a statement is not run, and the one table of texts that a client may see for
// them. No text holds anything that came from a client; names of catalog objects may be appended by
// the caller as `object`, and only after the catalog has confirmed them.
#pragma once

#include <string>
#include <string_view>

namespace pgward::policy {

enum class Refusal {
  unparsable,             // 42601
  too_large,              // 54000
  too_deep,               // 54001
  bad_encoding,           // 22021
  not_supported,          // 0A000: a kind of statement, clause or expression that is not covered yet
  multiple_statements,    // 42601: extended protocol, several statements in one Parse
  unknown_relation,       // 42P01: not in the catalog, or not visible
  relation_not_listed,    // 42501: the policy does not name it
  relation_read_only,     // 42501: shared: read
  function_not_allowed,   // 42501
  operator_not_allowed,   // 42501
  setting_locked,         // 42501: tenant settings, role, row_security, ...
  setting_not_allowed,    // 42501
  statement_not_allowed,  // 42501: the role may not run this class
  foreign_tenant,         // 42501: as row-level security: a row of another tenant would be written
  missing_tenant,         // 42501: the tenant column was left out and may not be filled
  unproven,               // 0A000: the rewriter could not prove its result
  search_path_unsettled,  // 0A000: names after SET search_path in the same batch
  duplicate_prepared,     // 42P05
  audit_unavailable,      // 58030
  policy_unavailable,     // 57P03: database differs from what the policy needs
  bad_copy_data,          // 22P04: COPY FROM, data that cannot be read for certain
  copy_row_too_large,     // 54000: COPY FROM, a row that is held for its tenant column
  unknown_cursor,         // 34000
  unknown_prepared,       // 26000
  column_not_allowed,     // 42501: a column rule of the role
  too_many_prepared,      // 53400: prepared statements or portals of one session
  temporary_name,         // 42P07: a temporary table that would hide what the database has
  no_memory,              // 53200: too much is held already of messages that are not complete
  credential_refused,     // 28000: a newer token for this session
  sign_off_refused,       // 42501: of emergency access
  count_
};

struct RefusalText {
  Refusal refusal;
  std::string_view sqlstate;
  std::string_view message;
  std::string_view hint;  // what to do about it
};

const RefusalText& text_of(Refusal refusal);
// What to do about it: no policy can open an object of the server's own, so there it says something else.
std::string_view hint_of(Refusal refusal, std::string_view object);

}  // namespace pgward::policy
