// COPY .. TO STDOUT. What the policy protects is never copied by name: COPY t becomes
// COPY (SELECT .. FROM ONLY t WHERE ..), as the server itself does under row-level security.
#pragma once

#include "policy/sql/query.h"

namespace pgward::policy::sql {

bool walk_copy(QueryWalk& walk, Ref node);

bool copy_option_allowed(std::string_view name);
bool copy_options_allowed(const Tree& tree, Ref options);

}  // namespace pgward::policy::sql
