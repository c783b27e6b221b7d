// What the formats have in common: questions about a complete record, answered whatever the record holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/complete.h"
#include "audit/format/format.h"

namespace pgward::audit {

using Json = nlohmann::ordered_json;

// Null when it is not there.
const Json* member_of(const Json& object, const char* name);
std::string_view text_in(const Json& object, const char* name);  // empty: there is none, or it is no text
// A number or a text, as text.
std::string shown(const Json* value);
// On one line, whatever its texts hold.
std::string dumped(const Json& value);

enum class Outcome { open, success, refused, failure, unknown };  // open: not known when it was recorded
Outcome outcome_of(const CompleteEvent& event);

bool is_statement(const CompleteEvent& event);
struct NamedTable {
  std::string_view name;  // schema.table
  char action = 'R';
};
std::vector<NamedTable> tables_of(const CompleteEvent& event);
// Of all its tables the one that weighs most: D, U, C, R; 0: it names none.
char action_of(const CompleteEvent& event);
// "*" or their names, of all tables: "table.column".
std::vector<std::string> columns_of(const CompleteEvent& event);
std::vector<std::string> phi_of(const CompleteEvent& event);  // kinds, each once

// Whose data: pseudonyms. A patient of several tables stands here once, as it was seen best.
struct Subject {
  std::string_view pseudonym;
  std::string_view mode;   // keys, pred
  std::string_view table;
  char action = 0;         // of a change; 0: as the statement's
};
std::vector<Subject> subjects_of(const CompleteEvent& event);
std::vector<std::string_view> records_of(const CompleteEvent& event);
std::vector<std::string> modes_of(const CompleteEvent& event);  // each once

// The credential in force: the renewed one, or that of the actor; null: not known.
const Json* credential_of(const CompleteEvent& event);
std::string tenant_of(const CompleteEvent& event);  // "none", or attribute=value, ...

std::string ocsf_event(const CompleteEvent& event, const Producer& producer);
// FHIR's, one after another, each a patient's; what they share is worked out once.
class FhirEvents {
 public:
  FhirEvents(const CompleteEvent& event, const Producer& producer);
  bool done() const { return part_ > 0 && part_ >= subjects_.size(); }
  std::string next();

 private:
  Json statement(const Subject* subject) const;

  const CompleteEvent& event_;
  const Producer& producer_;
  std::vector<Subject> subjects_;
  std::vector<NamedTable> tables_;
  char action_ = 0;
  Json record_;  // its entity, but for how a patient was touched
  std::string modes_;
  std::size_t part_ = 0;
};
std::string csv_row(const CompleteEvent& event);

}  // namespace pgward::audit
