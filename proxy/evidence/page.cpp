#include "proxy/evidence/page.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "proxy/evidence/safeguards.h"

namespace pgward::proxy {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStyle =
    "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#1b1b1b}"
    "table{border-collapse:collapse;margin:.6em 0 1.4em;font-size:13px}th,td{border:1px solid #bbb;padding:.25em .5em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{background:#eee}caption{text-align:left;font-weight:600}code,pre{font-size:12px}"
    "@media print{body{max-width:none}}";

// What a client sent may stand in it (names of applications): text only, wherever it is put.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
}

void append_cells(std::string& out, const char* cell, const std::vector<std::string>& texts) {
  out += "<tr>";
  for (const std::string& text : texts) {
    out.append("<").append(cell).append(">");
    append_escaped(out, text);
    out.append("</").append(cell).append(">");
  }
  out += "</tr>\n";
}

void append_table(std::string& out, const EvidenceTable& table) {
  out += "<table>";
  if (!table.caption.empty()) {
    out += "<caption>";
    append_escaped(out, table.caption);
    out += "</caption>";
  }
  append_cells(out, "th", table.columns);
  for (const auto& row : table.rows) append_cells(out, "td", row);
  out += "</table>\n";
  if (table.rows.empty()) out += "<p>None.</p>\n";
}

void append_heading(std::string& out, std::string_view id, std::string_view title) {
  out.append("<h2 id=\"").append(id).append("\">");
  append_escaped(out, title);
  out += "</h2>\n";
}

// Ids of sections with spaces between, as links.
std::string links(std::string_view sections) {
  std::string out;
  std::istringstream words{std::string(sections)};
  for (std::string word; words >> word;) out.append(out.empty() ? "" : ", ").append("<a href=\"#").append(word).append("\">").append(word).append("</a>");
  return out;
}

void append_safeguards(std::string& out) {
  append_heading(out, "safeguards", "Safeguards");
  out += "<table><tr><th>asked by</th><th>safeguard</th><th>pgward</th><th>how, or whose it is</th><th>shown by</th><th>in this folder</th></tr>\n";
  for (const Safeguard& one : safeguards()) {
    out += "<tr>";
    for (const std::string_view text : {one.asked_by, one.title, name_of(one.whose), one.how, one.shown_by}) {
      out += "<td>";
      append_escaped(out, text);
      out += "</td>";
    }
    out.append("<td>").append(links(one.sections)).append("</td></tr>\n");
  }
  out += "</table>\n";
}

}  // namespace

std::string html_of(const EvidencePage& page) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>";
  append_escaped(out, page.title);
  out.append("</title><style>").append(kStyle).append("</style></head><body>\n<h1>");
  append_escaped(out, page.title);
  out += "</h1>\n<table>";
  for (const auto& [name, text] : page.about) append_cells(out, "td", {name, text});
  out += "</table>\n";
  append_safeguards(out);
  for (const EvidenceSection& section : page.sections) {
    append_heading(out, section.id, section.title);
    for (const std::string& note : section.notes) {
      out += "<p>";
      append_escaped(out, note);
      out += "</p>\n";
    }
    for (const EvidenceTable& table : section.tables) append_table(out, table);
  }
  return out += "</body></html>\n";
}

std::string json_of(const EvidencePage& page) {
  Json out{{"title", page.title}};
  for (const auto& [name, text] : page.about) out["about"][name] = text;
  out["safeguards"] = Json::array();
  for (const Safeguard& one : safeguards())
    out["safeguards"].push_back({{"asked_by", one.asked_by}, {"title", one.title}, {"pgward", name_of(one.whose)}, {"how", one.how},
                                 {"shown_by", one.shown_by}, {"sections", one.sections}});
  for (const EvidenceSection& section : page.sections) {
    Json& part = out["sections"][section.id];
    part = {{"title", section.title}, {"notes", section.notes}, {"tables", Json::array()}};
    for (const EvidenceTable& table : section.tables) part["tables"].push_back({{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  }
  return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) += "\n";
}

}  // namespace pgward::proxy
