// Reads the picture of a database that statements are decided against.
//
// All queries run in one REPEATABLE READ, READ ONLY transaction, so the picture is of one moment. Blocks
// until done (tens of milliseconds, more with thousands of tables): not for a session's thread.
// PostgreSQL 14 to 18.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <variant>

#include "policy/catalog.h"

namespace pgward::proxy {

// The second alternative says what went wrong, without a secret of the connection in it. Catalog::version is
// left at 0: it is the caller's to count. The connection is outside a transaction before and after.
using CatalogOrError = std::variant<policy::Catalog, std::string>;
CatalogOrError read_catalog(PGconn* connection);

// Is the database still as it was when `known` was read? One query that costs a fraction of a reading and
// returns one row. The connection must be a fresh one of the same user: the search path counts.
std::variant<bool, std::string> catalog_unchanged(PGconn* connection, const policy::Catalog& known);

// Connects, reads, disconnects. Should be the same user and database as the sessions': default_search_path
// and the row-level security policies that apply are those of this user.
CatalogOrError read_catalog(const std::string& conninfo);

}  // namespace pgward::proxy
