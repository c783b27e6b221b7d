// The last records of a trail, a line each, for people.
#include "proxy/cli/audit_tail.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/read.h"

namespace pgward::proxy {
namespace {

using nlohmann::json;

std::string text(const json& record, const char* member) {
  auto found = record.find(member);
  if (found == record.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string tables(const json& record) {
  std::string list;
  for (const json& table : record.value("tables", json::array())) {
    list += "  " + text(table, "action") + ":" + text(table, "table");
    std::string phi;
    for (const json& kind : table.value("phi", json::array())) phi += (phi.empty() ? "" : ",") + kind.get<std::string>();
    if (!phi.empty()) list += "[" + phi + "]";
  }
  return list;
}

std::string readable(const json& record) {
  std::string line = text(record, "seq") + "  " + text(record, "ts") + "  " + text(record, "type");
  if (const auto actor = record.find("actor"); actor != record.end())
    line += "  " + text(*actor, "sub") + "/" + text(*actor, "role");
  if (const auto tenant = record.find("tenant"); tenant != record.end() && tenant->is_object())
    for (const auto& [name, value] : tenant->items()) line += " " + name + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  for (const char* member : {"statement", "like", "op", "rows", "sqlstate", "reason"})
    if (record.contains(member)) line += std::string("  ") + member + " " + text(record, member);
  return line + tables(record);
}

}  // namespace

int tail(const std::string& directory, std::size_t count) {
  const audit::LastLines last = audit::last_lines(directory, count);
  for (const std::string& line : last.lines) {
    const json record = json::parse(line, nullptr, false);
    std::printf("%s\n", record.is_object() ? readable(record).c_str() : "(a line that is no record)");
  }
  if (last.error.empty()) return 0;
  std::fprintf(stderr, "pgward audit: %s\n", last.error.c_str());
  return 2;
}

}  // namespace pgward::proxy
