// Every reason for which a log-in or a session ends, and the one table of texts that a client may see for
// them. None holds anything that a client sent.
#pragma once

#include <string_view>

namespace pgward::proxy {

enum class SessionError {
  tls_required,
  protocol_version,
  malformed_startup,
  no_user,
  replication_refused,
  parameter_refused,
  unknown_database,
  no_entry,
  authentication_failed,  // the same answer whatever failed
  authentication_timeout,
  several_roles,
  stronger_login,
  break_glass_reason,
  protocol_violation,
  unknown_message,
  message_too_large,
  upstream_unreachable,
  upstream_refused_us,
  upstream_broken,
  upstream_setting_changed,
  undeclared_table,
  policy_not_served,
  audit_unavailable,
  credential_expired,
  credential_revoked,
  revocations_unknown,
  idle_timeout,
  idle_in_transaction,
  session_too_old,
  break_glass_over,
  own_setting,
  policy_changed,
  catalog_unread,
  shutting_down,
  too_many_connections,
  count_
};

struct SessionErrorText {
  SessionError error;
  std::string_view sqlstate;
  std::string_view message;
  std::string_view hint;
  std::string_view why;  // for our own log and the audit trail
};

const SessionErrorText& text_of(SessionError error);

}  // namespace pgward::proxy
