// Names as people write them in a policy file.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "policy/names.h"

namespace pgward::policy {

// What is wrong with a name, for people.
struct BadName {
  std::string why;
};
template <typename Name>
using NameOr = boost::system::result<Name, BadName>;

// patients (in schema public), billing.claims, "Front Desk"."Check-In". A part without quotes must be
// lower-case: SQL would fold capitals and a reader of the file would not, so neither is guessed at.
NameOr<RelationName> relation_name(std::string_view written);

// A column: its name as it stands in the catalog, with capitals and spaces; quotes around it as in SQL may
// be written but are not needed.
NameOr<std::string> column_name(std::string_view written);

}  // namespace pgward::policy
