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
  // Of findings in a database (against_catalog.h); empty for mistakes in a file.
  std::string code = {};    // a stable word for programs: rls-missing
  std::string object = {};  // what it is about: public.patients
  std::string fix = {};     // the SQL, or an advice, that ends it
  bool fix_is_sql = false;

  // file:line:column: text; fix. With "warning: " in front of the text where it is one, and without line and
  // column where there is none.
  std::string line() const;
};

bool has_errors(const std::vector<Mistake>& mistakes);

}  // namespace pgward::policy
