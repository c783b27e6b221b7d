#include "audit/touched.h"

#include "audit/json_text.h"

namespace pgward::audit {
namespace {

void append_list(std::string& out, std::string_view member, const std::vector<Pseudonym>* list) {
  if (list == nullptr || list->empty()) return;
  out += ",\"";
  out += member;
  out += "\":[\"";
  bool first = true;
  for (const Pseudonym& each : *list) {
    if (!first) out += "\",\"";
    first = false;
    append_pseudonym(out, each);
  }
  out += "\"]";
}

}  // namespace

std::string_view name_of(TouchMode mode) {
  switch (mode) {
    case TouchMode::keys: return "keys";
    case TouchMode::pred: return "pred";
    case TouchMode::set: return "set";
    case TouchMode::none: return "none";
  }
  return "set";
}

void append_touched(std::string& list, const TouchedEntry& entry) {
  const std::size_t keys = (entry.records != nullptr ? entry.records->size() : 0) + (entry.subjects != nullptr ? entry.subjects->size() : 0);
  list.reserve(list.size() + 80 + entry.table.size() + entry.sealed.size() + keys * (kPseudonymChars + 3));
  if (!list.empty()) list += ',';
  list += "{\"table\":";
  append_json_string(list, entry.table);
  list += ",\"mode\":\"";
  list += name_of(entry.mode);
  list += '"';
  append_list(list, "records", entry.records);
  append_list(list, "subjects", entry.subjects);
  if (!entry.sealed.empty()) {
    list += ",\"sealed\":\"";
    list += entry.sealed;
    list += '"';
  }
  list += '}';
}

}  // namespace pgward::audit
