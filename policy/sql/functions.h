// Which functions and operators a tenant-bound statement may use: an allow-list by catalog facts.
//
// The server chooses by argument types and search_path, which are not known here. So a bare name is
// allowed only when every function of that name, in every schema, is; a qualified name when every one
// of that schema is. Unknown names are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"

namespace pgward::policy::sql {

bool function_allowed(const Policy& policy, const Function& function);

struct FunctionVerdict {
  bool known = false;
  bool allowed = false;       // known, and all candidates are allowed
  bool all_built_in = false;  // all candidates stand in pg_catalog
  bool listed = false;        // a candidate is named by the policy: code of the database's own
  RelationName refused;       // a candidate that is not
};
// Parts of the name as written: {name} or {schema, name}; more is not known.
FunctionVerdict judge_function(const Policy& policy, const Catalog& catalog,
                               const std::vector<std::string>& parts);

// True when the operator can only be one of PostgreSQL's own, or one whose function is allowed.
// `listed` turns true when that function may be one that the policy names.
bool operator_allowed(const Policy& policy, const Catalog& catalog, const std::vector<std::string>& parts,
                      RelationName& refused, bool& listed);

}  // namespace pgward::policy::sql
