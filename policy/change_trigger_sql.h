// The SQL that makes the database tell pgward of previous and new values: one trigger on each table whose policy says
// `changes: hash` or `encrypted`, on its partitions and children, and one function for all of them.
//
// The trigger sends each changed row as an INFO message on the connection that changed it, in sessions of pgward only:
// those that have the setting kChangesSetting. pgward takes the message out of the stream and records what it tells
// (proxy/session/change_notice.h). Why triggers: docs/decisions/0015-told-by-triggers.md.
//
// As row_security_sql.h: text for a DBA to read; running it twice changes nothing the second time.
#pragma once

#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "policy/mistake.h"
#include "policy/policy.h"

namespace pgward::policy {

inline constexpr std::string_view kChangeTrigger = "pgward_changes";
inline constexpr std::string_view kChangeMessage = "pgward change ";  // what the message begins with; the session's word follows
// As the first line of the message's context names it, in every language: no other function is shown so, and no statement can choose it.
inline constexpr std::string_view kChangeFunction = "pgward.tell_change()";

// Statements between BEGIN and COMMIT, behind those of row_security_sql(); empty when no table wants it.
std::string change_trigger_sql(const Policy& policy);

// As the catalog shows them when they are what change_trigger_sql() makes: the function's facts and source, a trigger's
// definition (pg_get_triggerdef).
std::string change_function_shown();
std::string change_trigger_shown(const RelationName& relation, const RelationName& table);

}  // namespace pgward::policy
