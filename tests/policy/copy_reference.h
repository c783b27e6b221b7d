// COPY data read slowly: the whole of it at once, first cut into lines, then into fields, as
// copyfromparse.c of PostgreSQL 15 does it, including the oddities that policy/copy_in refuses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/copy_in/copy_in.h"

namespace pgward::policy::fixture {

using CopyRow = std::vector<std::optional<std::string>>;  // NULL is nothing

// The rows, or nothing where the server would end with an error about the form of the data (not of their
// types or their number of fields).
std::optional<std::vector<CopyRow>> read_copy_slowly(const CopyIn& copy, const std::string& data);

}  // namespace pgward::policy::fixture
