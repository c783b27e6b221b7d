// Something wrong in a file that a person wrote, with the place where it stands. All mistakes of a file are
// collected and shown at once.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace pgward::policy {

enum class Severity { error, warning };

struct Mistake {
  Place place;
  std::string text;  // what was expected, and where it can be guessed, what was meant
  Severity severity = Severity::error;

  // file:line:column: text, with "warning: " in front of the text where it is one.
  std::string line() const;
};

bool has_errors(const std::vector<Mistake>& mistakes);

}  // namespace pgward::policy
