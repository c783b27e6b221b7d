// A catalog as a file: JSON, so that policy tests and a second pair of eyes need no database. Holds what the
// catalog reader reads: names, types, definitions of views, conditions of row-level security; no value of a row
// (a DEFAULT or a view may hold a constant that its author wrote).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "policy/catalog.h"

namespace pgward::policy {

std::string write_catalog(const Catalog& catalog);
// Equal in content to what was written, with version 0. The second alternative says what is wrong.
std::variant<Catalog, std::string> read_catalog_file(std::string_view text);

}  // namespace pgward::policy
