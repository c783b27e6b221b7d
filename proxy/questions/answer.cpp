#include "proxy/questions/answer.h"

#include <algorithm>

#include "audit/format/format.h"
#include "audit/json_text.h"

namespace pgward::proxy {
namespace {

std::string cell(const Json& row, const std::string& column) {
  const auto found = row.find(column);
  if (found == row.end() || found->is_null()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_array() && std::all_of(found->begin(), found->end(), [](const Json& one) { return one.is_string(); })) {
    std::string list;
    for (const Json& one : *found) list.append(list.empty() ? "" : ",").append(one.get<std::string>());
    return list;
  }
  return found->dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string value_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', true, Json::error_handler_t::replace); }

// Characters, not bytes: names are not all ASCII.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_members(std::string& out, const Json& object, const char* indent) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_array() && !value.empty() && value.front().is_object()) {
      out.append(indent).append(name).append(":\n");
      for (const Json& one : value) {
        std::string line;
        for (const auto& [inner, text] : one.items()) line.append(line.empty() ? "" : "  ").append(inner).append(" ").append(value_text(text));
        out.append(indent).append("  ").append(printable(line)).append("\n");
      }
      continue;
    }
    out.append(indent).append(name).append(": ").append(printable(value_text(value))).append("\n");
  }
}

std::string text_of(const Answer& answer) {
  std::string out;
  append_members(out, answer.summary, "");
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> widths;
  for (const std::string& column : answer.columns) widths.push_back(width(column));
  for (const Json& row : answer.rows) {
    cells.emplace_back();
    for (std::size_t n = 0; n < answer.columns.size(); ++n) {
      cells.back().push_back(printable(cell(row, answer.columns[n])));
      widths[n] = std::max(widths[n], width(cells.back().back()));
    }
  }
  const auto line = [&](const std::vector<std::string>& texts) {
    std::string made;
    for (std::size_t n = 0; n < texts.size(); ++n) {
      made.append(n > 0 ? "  " : "").append(texts[n]);
      if (n + 1 < texts.size()) made.append(widths[n] - width(texts[n]), ' ');
    }
    made.erase(made.find_last_not_of(' ') + 1);
    out.append(made).append("\n");
  };
  if (!cells.empty()) line(answer.columns);
  for (const auto& row : cells) line(row);
  if (!answer.columns.empty()) out.append("(").append(std::to_string(answer.rows.size())).append(answer.rows.size() == 1 ? " row)\n" : " rows)\n");
  for (const std::string& note : answer.notes) out.append("NOTE: ").append(printable(note)).append("\n");
  if (!answer.source.empty()) out.append("source:\n");
  append_members(out, answer.source, "  ");
  return out;
}

std::string json_of(const Answer& answer) {
  Json whole{{"command", answer.command}, {"asked", answer.asked}};
  for (const auto& [name, value] : answer.summary.items()) whole[name] = value;
  whole["rows"] = answer.rows;
  whole["notes"] = answer.notes;
  whole["source"] = answer.source;
  return whole.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string csv_of(const Answer& answer) {
  std::string out;
  const auto line = [&](const auto& field) {
    for (std::size_t n = 0; n < answer.columns.size(); ++n) out.append(n > 0 ? "," : "").append(csv_field(field(answer.columns[n])));
    out += "\r\n";
  };
  line([](const std::string& column) { return column; });
  for (const Json& row : answer.rows) line([&](const std::string& column) { return cell(row, column); });
  return out;
}

}  // namespace

std::string printable(const std::string& text) {
  std::string quoted;
  audit::append_json_string(quoted, text);
  // Its escapes are wanted for control characters only.
  std::string plain;
  for (std::size_t n = 1; n + 1 < quoted.size(); ++n) {
    if (quoted[n] == '\\' && (quoted[n + 1] == '"' || quoted[n + 1] == '\\')) ++n;
    plain += quoted[n];
  }
  return plain;
}

std::string csv_field(const std::string& text) {
  std::string field;
  audit::append_csv_field(field, printable(text));
  return field;
}

std::string rendered(const Answer& answer, Form form) {
  return form == Form::json ? json_of(answer) : form == Form::csv ? csv_of(answer) : text_of(answer);
}

}  // namespace pgward::proxy
