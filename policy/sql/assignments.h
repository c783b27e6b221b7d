// SET lists of UPDATE and ON CONFLICT DO UPDATE: what they write into tenant columns.
#pragma once

#include <functional>

#include "policy/sql/scope.h"

namespace pgward::policy::sql {

// `set_word` finds the token SET; it is asked only when the text has to be changed.
bool judge_assignments(Analysis& analysis, const Protection& protection, const Level& level, Ref targets,
                       const std::function<std::size_t()>& set_word);

}  // namespace pgward::policy::sql
