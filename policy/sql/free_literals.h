// Which literals of a planned text could have had any other value of their kind, the plan being the same but for
// its places.
//
// A literal is free when the parser made exactly one constant of it, the walk met that constant where a plain value
// may stand, nobody asked for its value, neither to decide nor to prove (tree.h), and no edit touches it. Whatever
// is not known to be so is part of what the plan was made for.
#pragma once

#include "policy/plan.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

// Fills plan.literals and plan.key_literals, or leaves them empty: then the plan is for its exact text alone. The plan is complete and
// proven otherwise.
void note_free_literals(const Tree& tree, std::string_view sql, Plan& plan);

}  // namespace pgward::policy::sql
