// What is asked of whoever keeps health records, and what answers for it here: every row of 45 CFR 164.312, what else of
// part 164 a proxy has to do with, and the two lists of safeguards that clinics' questionnaires are made of. docs/compliance.md
// holds the same table.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pgward::proxy {

enum class Whose {
  ours,    // pgward does it
  partly,  // pgward does its part, and says which
  other,   // not ours: of the organisation, its database or its data centre
};
std::string_view name_of(Whose whose);

struct Safeguard {
  std::string_view asked_by;  // "164.312(b)", "list 1": access and audit; "list 2": a sample security policy
  std::string_view title;
  Whose whose;
  std::string_view how;       // the mechanism; of what is not ours, who it belongs to
  std::string_view shown_by;  // commands and tests
  std::string_view sections;  // of an evidence folder (EvidenceSection::id), with spaces between; empty: none
};

std::span<const Safeguard> safeguards();
std::string safeguards_markdown();  // the table of docs/compliance.md

}  // namespace pgward::proxy
