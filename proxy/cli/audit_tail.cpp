// The last records of a trail, a line each, for people.
#include "proxy/cli/audit_tail.h"

#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "audit/depth.h"
#include "audit/read.h"
#include "proxy/questions/answer.h"
#include "proxy/questions/reading.h"
#include "proxy/questions/rows.h"

namespace pgward::proxy {
namespace {

using json = Json;

constexpr std::size_t kDepthMax = 64;  // what is deeper would be copied and printed by recursion

json parsed(std::string_view line) { return audit::within_depth(line, kDepthMax) ? json::parse(line, nullptr, false) : json(); }

std::string text(const json& record, const char* member) {
  const auto found = record.is_object() ? record.find(member) : record.end();
  if (!record.is_object() || found == record.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// A record of a text that its session has run before says only "like": the number under which it was told in full.
using Told = std::map<std::pair<std::string, std::string>, json>;  // session and number

Told told_in_full(const std::string& directory, const std::vector<json>& records) {
  Told told;
  for (const json& record : records)
    if (record.is_object() && record.contains("like")) told[{text(record, "session"), text(record, "like")}];
  std::size_t missing = told.size();
  if (missing == 0) return told;
  audit::for_each_line(directory, [&](const audit::StoredLine& line) {
    if (line.text.find("\"tables\"") == line.text.npos) return true;
    json record = parsed(line.text);
    if (!record.is_object() || !record.contains("op")) return true;
    const auto wanted = told.find({text(record, "session"), text(record, "statement")});
    if (wanted == told.end() || !wanted->second.is_null()) return true;
    wanted->second = std::move(record);
    return --missing > 0;
  });
  return told;
}

// As if it had been told in full.
json resolved(json record, const Told& told) {
  if (!record.is_object() || !record.contains("like")) return record;
  const auto found = told.find({text(record, "session"), text(record, "like")});
  if (found == told.end() || !found->second.is_object()) return record;
  for (const auto& [member, value] : found->second.items())
    if (!record.contains(member)) record[member] = value;
  return record;
}

std::string readable(const json& record) {
  std::string line = text(record, "seq") + "  " + text(record, "ts") + "  " + text(record, "type");
  if (const auto actor = record.find("actor"); actor != record.end())
    line += "  " + text(*actor, "sub") + "/" + text(*actor, "role");
  if (const auto tenant = record.find("tenant"); tenant != record.end() && tenant->is_object())
    for (const auto& [name, value] : tenant->items()) line += " " + name + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  if (text(record, "tenant") == "none") line += " tenant=none";
  for (const char* member : {"statement", "like", "op", "rows", "sqlstate", "reason"})
    if (record.contains(member)) line += std::string("  ") + member + " " + text(record, member);
  for (const std::string& table : tables_of(record)) line += "  " + table;
  return printable(line);
}

}  // namespace

int tail(const std::string& directory, std::size_t count, bool unrecorded) {
  const audit::LastLines last = audit::last_lines(directory, count);
  if (!unrecorded && !last.lines.empty()) {
    const std::string wrong = record_reading(directory, "tail", {{"records", last.lines.size()}});
    if (!wrong.empty()) {
      std::fprintf(stderr, "pgward audit: that the trail is read cannot be recorded, so it is not shown: %s (--unrecorded shows it all the same)\n", wrong.c_str());
      return 2;
    }
  }
  std::vector<json> records;
  for (const std::string& line : last.lines) records.push_back(parsed(line));
  const Told told = told_in_full(directory, records);
  for (json& record : records)
    std::printf("%s\n", record.is_object() ? readable(resolved(std::move(record), told)).c_str() : "(a line that is no record)");
  if (last.error.empty()) return 0;
  std::fprintf(stderr, "pgward audit: %s\n", last.error.c_str());
  return 2;
}

}  // namespace pgward::proxy
