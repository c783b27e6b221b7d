// The names of a small made-up clinic, for tests: what a catalog would confirm.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "rules/scrubber.h"

namespace pgward::rules {

class ClinicNames : public KnownNames {
 public:
  bool knows(NameKind kind, std::string_view name) const override {
    if (kind != NameKind::any) return of(kind).contains(name);
    for (int k = 0; k < static_cast<int>(NameKind::any); ++k)
      if (of(static_cast<NameKind>(k)).contains(name)) return true;
    return false;
  }

 private:
  using Names = std::set<std::string_view>;

  static const Names& of(NameKind kind) {
    static const std::array<Names, static_cast<std::size_t>(NameKind::any) + 1> names{
        Names{"patients", "kin", "staging", "Odd Table", "patients_email_lower_idx"},
        Names{"id", "mrn", "ssn", "email", "first_name", "last_name", "dob", "line_no"},
        Names{"patients_pkey", "patients_mrn_key", "kin_patient_fk", "patients_sex_check"},
        Names{"full_name", "patient_status"},
        Names{"find_one", "to_int"},
        Names{"clinic", "public"},
        Names{"app"},
        Names{"app.tenant_id"},
        Names{}};
    return names[static_cast<std::size_t>(kind)];
  }
};

}  // namespace pgward::rules
