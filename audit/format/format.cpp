#include "audit/format/format.h"

#include "audit/format/facts.h"

namespace pgward::audit {

std::optional<Format> format_named(std::string_view name) {
  for (const Format one : {Format::json, Format::ocsf, Format::fhir, Format::csv})
    if (name == name_of(one)) return one;
  return std::nullopt;
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::json: return "json";
    case Format::ocsf: return "ocsf";
    case Format::fhir: return "fhir";
    case Format::csv: break;
  }
  return "csv";
}

Rendering::Rendering(Format format, const CompleteEvent& event, const Producer& producer)
    : format_(format), event_(event), producer_(producer), fhir_(format == Format::fhir ? std::make_unique<FhirEvents>(event, producer) : nullptr) {}
Rendering::~Rendering() = default;

bool Rendering::done() const { return fhir_ ? fhir_->done() : said_; }

std::string Rendering::next() {
  said_ = true;
  switch (format_) {
    case Format::json: return dumped(event_.record);
    case Format::ocsf: return ocsf_event(event_, producer_);
    case Format::fhir: return fhir_->next();
    case Format::csv: break;
  }
  return csv_row(event_);
}

}  // namespace pgward::audit
