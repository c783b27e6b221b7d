// Checks that a text of the right shape can be what it looks like: check digits, ranges, what stands around
// it.
#pragma once

#include <cstddef>
#include <string_view>

namespace pgward::rules {

struct WordLists;

struct Candidate {
  std::string_view text;  // all of it
  std::size_t begin, end;
  const WordLists& words;
  std::string_view value() const { return text.substr(begin, end - begin); }
};

using Validator = bool (*)(const Candidate&);

// nullptr for a name nobody knows.
Validator validator_named(std::string_view name);
// For a message about a wrong name.
std::string_view validator_names();

bool luhn(std::string_view digits);
bool is_private_ipv4(std::string_view address);
// An address that anybody could have; false for one that does not parse.
bool is_public_ipv4(std::string_view address);
bool is_public_ipv6(std::string_view address);

}  // namespace pgward::rules
