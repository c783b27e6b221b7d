// Which relations of pg_catalog and information_schema a tenant-bound session may read: what drivers,
// ORMs and psql's \d need, and nothing that shows column values, other sessions, files or secrets.
// An allow-list: a catalog that a later server brings is refused until somebody looked at it.
#pragma once

#include <string_view>

#include "policy/names.h"

namespace pgward::policy::sql {

bool is_system_schema(std::string_view schema);
bool system_relation_allowed(const RelationName& name);

}  // namespace pgward::policy::sql
