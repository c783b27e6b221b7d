#include "proxy/questions/rows.h"

#include <algorithm>

namespace pgward::proxy {
namespace {

const Json& list_in(const Json& object, const char* member) {
  static const Json kNone = Json::array();
  if (!object.is_object()) return kNone;
  const auto found = object.find(member);
  return found != object.end() && found->is_array() ? *found : kNone;
}

template <class Take>
void each_table(const Json& record, Take take) {
  for (const Json& table : list_in(record, "tables"))
    if (table.is_object()) take(table);
}

std::vector<std::string> texts_of(const Json& object, std::initializer_list<const char*> members) {
  std::vector<std::string> all;
  for (const char* member : members)
    if (std::string text = text_in(object, member); !text.empty()) all.push_back(std::move(text));
  return all;
}

bool any_of(const std::vector<std::string>& texts, const std::set<std::string>& hexes) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& one) { return hexes.contains(one); });
}

bool names(const Json& entry, const char* member, const std::set<std::string>& hexes) {
  for (const Json& one : list_in(entry, member))
    if (one.is_string() && hexes.contains(one.get<std::string>())) return true;
  return false;
}

}  // namespace

Json record_row(const Json& record) {
  Json row{{"seq", number_in(record, "seq")}, {"time", text_in(record, "ts")}, {"type", text_in(record, "type")},
           {"user", text_in(record, "actor", "sub")}, {"role", text_in(record, "actor", "role")}, {"tenant", tenant_of(record)}};
  if (const std::string by = text_in(record, "os_user"); !by.empty() && text_in(row, "user").empty()) row["user"] = "os:" + by;
  for (const char* member : {"session", "op", "sqlstate", "reason", "mode", "break_glass", "incomplete"})
    if (const std::string value = text_in(record, member); !value.empty()) row[member] = value;
  for (const char* member : {"statement", "rows"})
    if (record.contains(member)) row[member] = record[member];
  if (record.contains("tables")) row["tables"] = tables_of(record);
  if (record.contains("src")) {
    row["address"] = text_in(record, "src", "ip");
    row["application"] = text_in(record, "src", "app");
  }
  if (record.contains("actor")) {
    const Json& newer = record.contains("cred") ? record["cred"] : record["actor"].is_object() && record["actor"].contains("cred") ? record["actor"]["cred"] : Json();
    row["issuer"] = text_in(record, "actor", "iss");
    row["credential"] = text_in(newer, "id");
  }
  if (record.contains("db")) row["database"] = text_in(record, "db", "name");
  if (const std::string sql = text_in(record, "sql", "sha256"); !sql.empty()) row["sql_sha256"] = sql;
  if (const std::string policy = text_in(record, "policy"); !policy.empty()) row["policy"] = policy;
  return row;
}

Json statement_row(const TrailView::Statement& statement) {
  Json row = record_row(statement.record);
  row["session"] = statement.session;
  row["statement"] = statement.number;
  row["records"] = statement.parts;
  return row;
}

void Touch::add(const Touch& more) {
  if (mode.empty() || more.mode == "keys") mode = more.mode;
  tables.insert(more.tables.begin(), more.tables.end());
}

Touch touch_of(const Json& record, const std::set<std::string>& hexes) {
  Touch touch;
  for (const Json& entry : list_in(record, "touched"))
    if (names(entry, "subjects", hexes) || names(entry, "records", hexes)) touch.add({text_in(entry, "mode"), {text_in(entry, "table")}});
  for (const Json& change : list_in(record, "changes"))
    if (any_of(people_of_change(change), hexes) || any_of(records_of_change(change), hexes)) touch.add({"keys", {text_in(change, "table")}});
  return touch;
}

std::vector<std::string> people_of_change(const Json& change) { return texts_of(change, {"subject", "subject_was"}); }
std::vector<std::string> records_of_change(const Json& change) { return texts_of(change, {"record", "record_was"}); }

std::set<std::string> people_of(const Json& record) {
  std::set<std::string> people;
  for (const Json& entry : list_in(record, "touched"))
    for (const Json& one : list_in(entry, "subjects"))
      if (one.is_string()) people.insert(one.get<std::string>());
  for (const Json& change : list_in(record, "changes"))
    for (std::string& one : people_of_change(change)) people.insert(std::move(one));
  return people;
}

std::string label_of(std::string_view mode) { return mode == "keys" ? "exact" : mode == "pred" ? "probe" : mode == "set" ? "may include" : "unknown"; }

std::vector<std::string> tables_of(const Json& record) {
  std::vector<std::string> all;
  each_table(record, [&](const Json& table) {
    std::string one = text_in(table, "action") + ":" + text_in(table, "table"), kinds;
    for (const Json& kind : list_in(table, "phi"))
      if (kind.is_string()) kinds.append(kinds.empty() ? "" : ",").append(kind.get<std::string>());
    if (!kinds.empty()) one.append("[").append(kinds).append("]");
    all.push_back(one);
  });
  return all;
}

std::set<std::string> phi_of(const Json& record, const std::set<std::string>& tables) {
  std::set<std::string> kinds;
  each_table(record, [&](const Json& table) {
    if (!tables.contains(text_in(table, "table"))) return;
    for (const Json& kind : list_in(table, "phi"))
      if (kind.is_string()) kinds.insert(kind.get<std::string>());
  });
  return kinds;
}

std::string actions_of(const Json& record, const std::set<std::string>& tables) {
  std::set<std::string> actions;
  each_table(record, [&](const Json& table) {
    if (tables.contains(text_in(table, "table"))) actions.insert(text_in(table, "action"));
  });
  std::string all;
  for (const std::string& action : actions) all += action;
  return all;
}

}  // namespace pgward::proxy
