// Temporary tables: private to the session, so nobody else's rows can be in them, but their names can hide
// others. Hence: made only under names that the database does not have; always written as pg_temp.name.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

inline constexpr const char* kTemporarySchema = "pg_temp";

// The session's table of that name, or null.
const Relation* temporary_relation(Analysis& analysis, const std::string& name);
// A range_var behind CREATE or INTO: TEMPORARY, or in pg_temp.
bool is_temporary(const Tree& tree, Ref range_var);

bool is_of_temporary(Kind kind);
// CREATE TABLE, CREATE TABLE AS, SELECT INTO, DROP TABLE, TRUNCATE of temporary tables; others are refused.
bool walk_temporary(Analysis& analysis, Ref node);

}  // namespace pgward::policy::sql
