// Words that mean something else when they stand unquoted where a name should be.
#pragma once

#include <string_view>

namespace pgward::policy {

// True for a lower-case word that SQL keeps for itself in at least one place where a name may stand.
bool needs_quotes_as_keyword(std::string_view word);

}  // namespace pgward::policy
