// Which records and patients a statement touched, as a member of its records: "touched":[..] (docs/audit-format.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/pseudonym.h"

namespace pgward::audit {

// How it is known; never more than is true.
enum class TouchMode { keys, pred, set, none };
std::string_view name_of(TouchMode mode);

struct TouchedEntry {
  std::string_view table;  // schema.name
  TouchMode mode = TouchMode::set;
  const std::vector<Pseudonym>* records = nullptr;  // null and empty are the same
  const std::vector<Pseudonym>* subjects = nullptr;
  std::string_view sealed = {};  // base64, or empty
};

// One element more of the list's text, which is without its brackets.
void append_touched(std::string& list, const TouchedEntry& entry);

}  // namespace pgward::audit
