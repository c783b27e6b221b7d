#include "audit/format/facts.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace pgward::audit {
namespace {

// Calls each(element) for the objects of a list.
template <class Each>
void for_each_object(const Json* list, const Each& each) {
  if (list == nullptr || !list->is_array()) return;
  for (const Json& one : *list)
    if (one.is_object()) each(one);
}

template <class Each>
void for_each_text(const Json* list, const Each& each) {
  if (list == nullptr || !list->is_array()) return;
  for (const Json& one : *list)
    if (one.is_string()) each(std::string_view(one.get_ref<const std::string&>()));
}

// Changes: a list, or one that is the record itself.
template <class Each>
void for_each_change(const CompleteEvent& event, const Each& each) {
  if (event.type != "stmt.change") return;
  if (event.find("changes") != nullptr) for_each_object(event.find("changes"), each);
  else each(event.record);
}

char letter(std::string_view action) {
  return action.size() == 1 && std::string_view("CRUD").find(action[0]) != std::string_view::npos ? action[0] : 'R';
}

int weight(char action) { return action == 'D' ? 4 : action == 'U' ? 3 : action == 'C' ? 2 : action == 'R' ? 1 : 0; }

// Each text once, in the order in which they come. A record may name tens of thousands.
class Distinct {
 public:
  void add(std::string_view text) {
    if (known_.emplace(text).second) list_.emplace_back(text);
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::unordered_set<std::string> known_;
  std::vector<std::string> list_;
};

}  // namespace

const Json* member_of(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_in(const Json& object, const char* name) {
  const Json* value = member_of(object, name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const std::string&>()) : std::string_view();
}

std::string dumped(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string shown(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : dumped(*value);
}

bool is_statement(const CompleteEvent& event) { return event.type.starts_with("stmt."); }

Outcome outcome_of(const CompleteEvent& event) {
  if (event.type == "stmt.deny" || event.type == "auth.fail") return Outcome::refused;
  if (event.type == "stmt.mismatch" || event.type == "log.degraded" || event.type == "alert.failed") return Outcome::failure;
  if (event.type == "tx.commit") return Outcome::open;
  if (event.type == "tx.end") return event.text("outcome") == "committed" ? Outcome::success : event.text("outcome") == "rolled_back" ? Outcome::failure : Outcome::unknown;
  if (!is_statement(event)) return Outcome::success;
  const std::string_view state = event.text("sqlstate");
  if (state.empty()) return Outcome::open;
  return state == "00000" ? Outcome::success : state == "unknown" ? Outcome::unknown : Outcome::failure;
}

std::vector<NamedTable> tables_of(const CompleteEvent& event) {
  std::vector<NamedTable> tables;
  for_each_object(event.find("tables"), [&](const Json& one) {
    if (const auto name = text_in(one, "table"); !name.empty()) tables.push_back({name, letter(text_in(one, "action"))});
  });
  return tables;
}

char action_of(const CompleteEvent& event) {
  char most = 0;
  for (const NamedTable& table : tables_of(event))
    if (weight(table.action) > weight(most)) most = table.action;
  return most;
}

std::vector<std::string> columns_of(const CompleteEvent& event) {
  Distinct all;
  for_each_object(event.find("tables"), [&](const Json& one) {
    std::string front(text_in(one, "table"));
    front += '.';
    if (text_in(one, "columns") == "*") all.add(front + "*");
    for_each_text(member_of(one, "columns"), [&](std::string_view column) { all.add(front + std::string(column)); });
  });
  return all.take();
}

std::vector<std::string> phi_of(const CompleteEvent& event) {
  Distinct kinds;
  for_each_object(event.find("tables"), [&](const Json& one) { for_each_text(member_of(one, "phi"), [&](std::string_view kind) { kinds.add(kind); }); });
  return kinds.take();
}

std::vector<Subject> subjects_of(const CompleteEvent& event) {
  std::vector<Subject> subjects;
  std::unordered_map<std::string_view, std::size_t> known;
  const auto add = [&](Subject one) {
    if (one.pseudonym.empty()) return;
    const auto [place, is_new] = known.try_emplace(one.pseudonym, subjects.size());
    if (is_new) {
      subjects.push_back(one);
      return;
    }
    Subject& same = subjects[place->second];
    if (same.mode != "keys" && one.mode == "keys") same = one;
    if (weight(one.action) > weight(same.action)) same.action = one.action;
  };
  for_each_object(event.find("touched"), [&](const Json& one) {
    for_each_text(member_of(one, "subjects"), [&](std::string_view pseudonym) { add({pseudonym, text_in(one, "mode"), text_in(one, "table")}); });
  });
  for_each_change(event, [&](const Json& one) {
    for (const char* member : {"subject", "subject_was"}) add({text_in(one, member), "keys", text_in(one, "table"), letter(text_in(one, "action"))});
  });
  return subjects;
}

std::vector<std::string_view> records_of(const CompleteEvent& event) {
  std::vector<std::string_view> records;
  for_each_object(event.find("touched"), [&](const Json& one) { for_each_text(member_of(one, "records"), [&](std::string_view record) { records.push_back(record); }); });
  for_each_change(event, [&](const Json& one) {
    for (const char* member : {"record", "record_was"})
      if (const auto record = text_in(one, member); !record.empty()) records.push_back(record);
  });
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records;
}

std::vector<std::string> modes_of(const CompleteEvent& event) {
  Distinct modes;
  for_each_object(event.find("touched"), [&](const Json& one) {
    if (const auto mode = text_in(one, "mode"); !mode.empty()) modes.add(mode);
  });
  return modes.take();
}

const Json* credential_of(const CompleteEvent& event) {
  if (const Json* renewed = event.find("cred")) return renewed;
  const Json* actor = event.find("actor");
  return actor == nullptr ? nullptr : member_of(*actor, "cred");
}

std::string tenant_of(const CompleteEvent& event) {
  const Json* tenant = event.find("tenant");
  if (tenant == nullptr || !tenant->is_object()) return shown(tenant);
  std::string text;
  for (const auto& [name, value] : tenant->items()) {
    if (!text.empty()) text += ", ";
    text += name;
    text += '=';
    text += shown(&value);
  }
  return text;
}

}  // namespace pgward::audit
