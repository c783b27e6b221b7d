// SET lists of UPDATE and ON CONFLICT DO UPDATE: what they write into tenant columns.
#pragma once

#include <functional>

#include "policy/sql/scope.h"

namespace pgward::policy::sql {

// `items` gives the tokens of the list after SET; it is asked only when the text has to be changed.
bool judge_assignments(Analysis& analysis, const Protection& protection, const Level& level, Ref targets,
                       const std::function<Range()>& items);
// The list after the word SET of UPDATE and DO UPDATE.
Range set_items(const Layout& layout, std::size_t set);
void touch_assigned(Analysis& analysis, const Protection& protection, char action, Ref targets);

}  // namespace pgward::policy::sql
