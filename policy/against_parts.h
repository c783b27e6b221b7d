// The parts of check_against(), one file each.
#pragma once

#include "policy/against_catalog.h"

namespace pgward::policy {

class Findings {
 public:
  void error(const Place& place, std::string text) {
    all_.push_back({place, std::move(text), Severity::error});
  }
  void warning(const Place& place, std::string text) {
    all_.push_back({place, std::move(text), Severity::warning});
  }
  std::vector<Mistake> take_in_order();

 private:
  std::vector<Mistake> all_;
};

// Tables, columns and functions exist and are of the right kind.
void check_names(const Policy& policy, const Catalog& catalog, Findings& findings);
// Row-level security stands where Mode::rls_and_predicate counts on it.
void check_row_security(const Policy& policy, const Catalog& catalog, Findings& findings);
// Partitions and inheritance children do not contradict their parents.
void check_children(const Policy& policy, const Catalog& catalog, Findings& findings);

// Does the expression of a policy or a default call current_setting('<setting>' ..)?
bool reads_setting(std::string_view expression, std::string_view setting);

}  // namespace pgward::policy
