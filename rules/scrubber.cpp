#include "rules/scrubber.h"

namespace pgward::rules {

struct Scrubber::Rules {};

Scrubber::Scrubber() : rules_(std::make_unique<const Rules>()) {}
Scrubber::~Scrubber() = default;

// No rule yet: every message becomes the text of its SQLSTATE.
ScrubbedFields Scrubber::scrub(const Fields& fields, const KnownNames&) const {
  ScrubbedFields out;
  std::string_view sqlstate;
  for (const auto& [code, text] : fields)
    if (code == 'C') sqlstate = text;
  for (const auto& [code, text] : fields) {
    if (std::string_view{"SVCPFLR"}.find(code) != std::string_view::npos) out.fields_.emplace_back(code, text);
    if (code == 'M') out.fields_.emplace_back('M', condition_text(sqlstate));
  }
  return out;
}

}  // namespace pgward::rules
