#include "policy/mistake.h"

#include <algorithm>

namespace pgward::policy {

std::string Mistake::line() const {
  return place.text() + ": " + (severity == Severity::warning ? "warning: " : "") + text +
         (fix.empty() ? "" : "; " + fix);
}

bool has_errors(const std::vector<Mistake>& mistakes) {
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [](const Mistake& mistake) { return mistake.severity == Severity::error; });
}

}  // namespace pgward::policy
