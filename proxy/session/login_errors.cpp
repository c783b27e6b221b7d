#include "proxy/session/login_errors.h"

#include <array>

namespace pgward::proxy {
namespace {

using enum SessionError;

constexpr std::array kTexts{
    SessionErrorText{tls_required, "28000", "this connection must use TLS", "Connect with sslmode=require or stricter.",
                     "plaintext refused"},
    SessionErrorText{protocol_version, "0A000", "unsupported frontend protocol", "pgward speaks protocols 3.0 and 3.2.",
                     "protocol version"},
    SessionErrorText{malformed_startup, "08P01", "invalid startup packet", "", "malformed startup packet"},
    SessionErrorText{no_user, "28000", "no user name specified in startup packet", "", "no user name"},
    SessionErrorText{replication_refused, "0A000", "replication connections are not supported by pgward",
                     "Connect to the server itself with a replication role.", "replication refused"},
    SessionErrorText{parameter_refused, "42501", "a startup parameter is not allowed by the policy",
                     "Tenant settings, roles and settings that change how SQL is read are managed by pgward.",
                     "startup parameter refused"},
    SessionErrorText{unknown_database, "3D000", "database is not served by pgward",
                     "Ask the operator to list it under upstream.databases.", "unknown database"},
    SessionErrorText{no_entry, "28000", "no entry of pgward's authentication lets this connection in",
                     "Ask the operator; entries go by address, encryption, database and user.", "no entry"},
    SessionErrorText{authentication_failed, "28P01", "password authentication failed",
                     "pgward expects a current credential of the kind that its operator configured, such as a token (JWT) as the password.", "authentication failed"},
    SessionErrorText{authentication_timeout, "57014", "canceling authentication due to timeout", "",
                     "authentication timeout"},
    SessionErrorText{several_roles, "28000", "the credential holds several roles or none that the policy knows",
                     "Connect with the wanted role as the user name.", "role not decided"},
    SessionErrorText{stronger_login, "28000", "this role asks for a stronger log-in",
                     "Log in at the identity provider with a second factor, and connect with the new token.",
                     "log-in not strong enough"},
    SessionErrorText{break_glass_reason, "28000", "this role is for emergencies and needs a reason",
                     "Connect with options=-c pgward.reason=CODE; the policy lists the codes.", "emergency access without a reason"},
    SessionErrorText{protocol_violation, "08P01", "protocol violation", "", "protocol violation by the client"},
    SessionErrorText{unknown_message, "08P01", "invalid frontend message type", "", "unknown message type"},
    SessionErrorText{message_too_large, "08P01", "message is too large for pgward", "", "message too large"},
    SessionErrorText{upstream_unreachable, "08006", "the database server cannot be reached",
                     "Ask the operator to look at pgward's log.", "upstream unreachable"},
    SessionErrorText{upstream_refused_us, "08006", "the database server refused pgward's own log-in",
                     "Ask the operator to look at pgward's log.", "upstream refused our log-in"},
    SessionErrorText{upstream_broken, "08006", "the connection to the database server was lost", "",
                     "upstream connection lost"},
    SessionErrorText{upstream_setting_changed, "57P01", "a setting that pgward relies on was changed",
                     "client_encoding must stay UTF8 and standard_conforming_strings on.", "pinned setting changed"},
    SessionErrorText{undeclared_table, "XX000", "the database described rows of a table that the statement does not name",
                     "No row was passed on. Connect again; if it comes back, tell the operator: it stands in the audit trail.",
                     "rows of an undeclared table"},
    SessionErrorText{policy_not_served, "57P03", "this database is not served until it matches the policy",
                     "Ask the operator to run: pgward check", "catalog missing"},
    SessionErrorText{audit_unavailable, "58030", "audit trail unavailable; nothing was run",
                     "Try again later; tell the operator.", "audit trail unavailable"},
    SessionErrorText{credential_expired, "57P01", "the credential of this session has expired",
                     "Connect again with a fresh token.", "credential expired"},
    SessionErrorText{credential_revoked, "57P01", "the credential of this session was revoked",
                     "Connect again with another credential, or ask the operator.", "credential revoked"},
    SessionErrorText{revocations_unknown, "57P03", "pgward cannot tell which credentials are revoked",
                     "Ask the operator to look at pgward's log.", "revocation list unreadable"},
    SessionErrorText{idle_timeout, "57P05", "terminating connection due to idle-session timeout", "", "idle timeout"},
    SessionErrorText{idle_in_transaction, "25P03", "terminating connection due to idle-in-transaction timeout", "",
                     "idle in transaction timeout"},
    SessionErrorText{session_too_old, "57P01", "this session has reached its longest life", "Connect again.",
                     "session maximum reached"},
    SessionErrorText{break_glass_over, "57P01", "the emergency access of this session is over",
                     "Connect again, as usual or with a reason.", "emergency access over"},
    SessionErrorText{own_setting, "0A000", "pgward.token is a setting of pgward and needs a policy",
                     "Nothing of it was sent to the server. With an empty policy, connect again with the newer token.",
                     "own setting without a policy"},
    SessionErrorText{policy_changed, "57P01", "the policy of this session is no longer in force", "Connect again.",
                     "policy changed"},
    SessionErrorText{catalog_unread, "57P03", "pgward could not read the database's catalog after this session changed it",
                     "What it changed is in the database. Connect again later; ask the operator to look at pgward's log.",
                     "catalog unread after DDL"},
    SessionErrorText{shutting_down, "57P01", "terminating connection due to administrator command", "",
                     "shutting down"},
    SessionErrorText{too_many_connections, "53300", "sorry, too many clients already",
                     "Close connections that are not needed, or ask the operator to raise limits.connections.",
                     "too many connections"},
};
static_assert(kTexts.size() == static_cast<std::size_t>(SessionError::count_));

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTexts.size(); ++i)
    if (static_cast<std::size_t>(kTexts[i].error) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

const SessionErrorText& text_of(SessionError error) { return kTexts.at(static_cast<std::size_t>(error)); }

}  // namespace pgward::proxy
