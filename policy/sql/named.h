// Statements about names that live in the session (cursors, prepared statements), and EXPLAIN and CALL.
//
// What such a name stands for is not known here: the facts say what the statement does with it
// (StatementFacts::names), and the session resolves that before it forwards anything.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

bool is_named(Kind kind);
bool walk_named(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
