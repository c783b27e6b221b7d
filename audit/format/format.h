// The trail in the forms that others read. Pure: a complete record (audit/complete.h) in, texts out; what could not be
// completed is left out, and said where the form has a place for it. Keys of records and patients stand there as
// pseudonyms only, as they do in the trail, and what is encrypted there ("sealed") is left out of all but our own.
//
//   json   the record itself, with what it left out put in
//   ocsf   Open Cybersecurity Schema Framework 1.3.0: Datastore Activity (6005) for statements, Authentication (3002) for
//          sessions, Application Lifecycle (6002) for what the log says about itself
//   fhir   FHIR R4 (4.0.1) AuditEvent after IHE BALP 1.1: one for each patient of a record, or one for a record without
//   csv    RFC 4180, one row a record; see csv_header()
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/complete.h"

namespace pgward::audit {

enum class Format { json, ocsf, fhir, csv };

std::optional<Format> format_named(std::string_view name);
std::string_view name_of(Format format);

// Who says it: stands in OCSF's product and FHIR's source.
struct Producer {
  std::string version = "0";
};

// The texts of a record, one after another: at least one; in FHIR one for each of its patients, who may be thousands, so
// that whoever hands them on has no more of them in memory than it wants. `event` and `producer` outlive it.
class FhirEvents;
class Rendering {
 public:
  Rendering(Format format, const CompleteEvent& event, const Producer& producer);
  ~Rendering();
  bool done() const;
  std::string next();  // on one line, without its end; not when it is done

 private:
  const Format format_;
  const CompleteEvent& event_;
  const Producer& producer_;
  bool said_ = false;
  std::unique_ptr<FhirEvents> fhir_;  // of that format
};

// Names of the columns. Rows end with CR LF (RFC 4180).
std::string csv_header();
// Quoted where it must be; what a spreadsheet would run begins with ' instead.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace pgward::audit
