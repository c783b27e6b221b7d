// One row a record, for spreadsheets and scripts (RFC 4180).
#include <algorithm>
#include <array>

#include "audit/format/facts.h"

namespace pgward::audit {
namespace {

constexpr std::array kColumns{"log", "seq", "ts", "type", "session", "statement", "outcome", "actor", "issuer", "role", "credential", "tenant",
                              "address", "port", "application", "db_host", "db_name", "db_user", "op", "action", "tables", "columns", "phi",
                              "mode", "subjects", "records", "rows", "sqlstate", "reason", "object", "break_glass", "policy", "sql_sha256", "hash", "incomplete"};

// A spreadsheet takes what begins so for a formula, and runs it; some pass over space in front of it, or quotes that are
// not where they expect them, and some know the wide forms of the signs as well.
bool is_formula(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '\t' || text[0] == '\r' || text[0] == '\n') return true;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\""), text.size()));
  for (const std::string_view sign : {"=", "+", "-", "@", "|", "%", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"})
    if (text.starts_with(sign)) return true;
  return false;
}

// Where the comma stands in numbers, spreadsheets take these for the ends of cells, and no notice of quotes between them.
constexpr std::string_view kOtherEnds = ";\t";

class Row {
 public:
  Row& add(std::string_view text) {
    if (!out_.empty() || begun_) out_ += ',';
    begun_ = true;
    append_csv_field(out_, text);
    return *this;
  }
  template <class Texts>
  Row& add_all(const Texts& texts) {
    std::string joined;
    for (const auto& text : texts) {
      if (!joined.empty()) joined += ' ';
      joined += text;
    }
    return add(joined);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  bool begun_ = false;
};

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::open: return "open";
    case Outcome::success: return "success";
    case Outcome::refused: return "refused";
    case Outcome::failure: return "failure";
    case Outcome::unknown: break;
  }
  return "unknown";
}

std::vector<std::string> names(const std::vector<NamedTable>& tables) {
  std::vector<std::string> list;
  for (const NamedTable& table : tables) {
    list.emplace_back(1, table.action);
    list.back() += ':';
    list.back() += table.name;
  }
  return list;
}

}  // namespace

void append_csv_field(std::string& out, std::string_view text) {
  const bool formula = is_formula(text);
  if (!formula && text.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') out += '"';
    out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;  // a record stays on its line
    if (kOtherEnds.find(c) != std::string_view::npos && is_formula(text.substr(i + 1))) out += '\'';
  }
  out += '"';
}

std::string csv_header() {
  Row row;
  for (const char* name : kColumns) row.add(name);
  return row.take();
}

std::string csv_row(const CompleteEvent& event) {
  const Json* credential = credential_of(event);
  std::vector<std::string_view> subjects;
  for (const Subject& subject : subjects_of(event)) subjects.push_back(subject.pseudonym);
  const char action = action_of(event);
  const auto number = [&](const char* object, const char* name) {
    const Json* inner = event.find(object);
    return inner == nullptr ? std::string() : shown(member_of(*inner, name));
  };
  Row row;
  row.add(event.log).add(std::to_string(event.seq)).add(event.ts).add(event.type);
  row.add(event.text("session")).add(shown(event.find("statement"))).add(word(outcome_of(event)));
  row.add(event.text("actor", "sub")).add(event.text("actor", "iss")).add(event.text("actor", "role"));
  row.add(credential == nullptr ? std::string_view() : text_in(*credential, "id")).add(tenant_of(event));
  row.add(event.text("src", "ip")).add(number("src", "port")).add(event.text("src", "app"));
  row.add(event.text("db", "host")).add(event.text("db", "name")).add(event.text("db", "user"));
  row.add(event.text("op")).add(action == 0 ? std::string() : std::string(1, action));
  row.add_all(names(tables_of(event))).add_all(columns_of(event)).add_all(phi_of(event));
  row.add_all(modes_of(event)).add_all(subjects).add_all(records_of(event));
  row.add(shown(event.find("rows"))).add(event.text("sqlstate")).add(event.text("reason")).add(event.text("object"));
  row.add(event.text("break_glass")).add(event.text("policy")).add(event.text("sql", "sha256")).add(event.hash).add(event.text("incomplete"));
  return row.take();
}

}  // namespace pgward::audit
