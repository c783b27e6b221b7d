// Names of types, as far as the judge of leaks compares them.
#pragma once

#include <string>
#include <vector>

#include "policy/catalog.h"

namespace pgward::policy::sql {

// format_type()'s name of a type as written in a cast ({"int4"}, {"pg_catalog", "int4"}); empty when it
// may be somebody else's.
std::string written_type(const Catalog& catalog, const std::vector<std::string>& parts);

}  // namespace pgward::policy::sql
