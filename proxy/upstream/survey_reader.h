// Reads what the commands for the DBA look at besides the catalog (policy/survey.h).
//
// One REPEATABLE READ, READ ONLY transaction, as the same user as the sessions: privileges, memberships and
// settings are that user's. Blocks until done: not for a session's thread.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <variant>

#include "policy/survey.h"

namespace pgward::proxy {

// `columns`: also comments and counts of columns, which only guesses need and which cost the most by far.
enum class SurveyDepth { walls, columns };

// The second alternative says what went wrong. The connection is outside a transaction before and after.
std::variant<policy::Survey, std::string> read_survey(PGconn* connection, SurveyDepth depth);

}  // namespace pgward::proxy
