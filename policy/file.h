// Reads a policy file.
//
// All mistakes are found at once, each with its place, what was expected, and the nearest valid name. A file
// with a mistake gives no policy at all: a half-loaded one would open what it failed to understand.
//
// Whether the names in it exist is another question: policy/against_catalog.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/mistake.h"
#include "policy/policy.h"

namespace pgward::policy {

struct Loaded {
  std::optional<Policy> policy;   // only when there is no mistake
  std::vector<Mistake> mistakes;  // in the order of the file
};

// `file_name` is only for the places in messages.
Loaded load_policy(std::string_view yaml, std::string file_name);

}  // namespace pgward::policy
