// Records about statements: what is about to happen, how it went, what was refused.
#include <algorithm>

#include "audit/event_parts.h"
#include "audit/limits.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

void append_table(std::string& out, const TouchedTable& table, bool with_columns) {
  out += '{';
  JsonMembers all{out};
  all.text("table", table.table).text("action", std::string_view(&table.action, 1));
  if (table.all_columns || !with_columns)
    all.text("columns", "*");  // a text, not a list: no column can be meant by it
  else
    all.texts("columns", table.columns);
  if (!table.phi.empty()) all.texts("phi", table.phi);
  out += '}';
}

// As many as there is room for.
std::string rendered(const std::vector<TouchedTable>& tables, bool with_columns, std::size_t bytes_max, std::size_t& count) {
  std::string out;
  for (count = 0; count < tables.size(); ++count) {
    const std::size_t before = out.size();
    if (before > 0) out += ',';
    append_table(out, tables[count], with_columns);
    if (out.size() <= bytes_max) continue;
    out.resize(before);
    return out;
  }
  return out;
}

// Too many columns: then "*" for those of each table, which is no less than it touched. Too many tables: then those that fit, and
// what was left out is named by the hash of all.
void append_tables(std::string& out, JsonMembers& all, const std::vector<TouchedTable>& tables) {
  std::size_t count = 0;
  std::string list = rendered(tables, true, kTablesBytesMax, count);
  const bool shortened = count < tables.size();
  if (shortened) list = rendered(tables, false, kTablesBytesMax, count);
  all.name("tables");
  out += '[';
  out += list;
  out += ']';
  if (!shortened) return;
  std::size_t whole = 0;
  const std::string everything = rendered(tables, true, std::string::npos, whole);
  all.object("shortened").number("tables", std::uint64_t{tables.size()}).number("listed", std::uint64_t{count}).number("bytes", std::uint64_t{everything.size()}).text("sha256", sha256_hex(everything));
}

void append_text(std::string& out, JsonMembers& all, const StatementText& text) {
  all.rendered(text.session_members).text("op", text.kind);
  append_statement_text(all, text.sql_sha256, text.sql_bytes);
  all.boolean("rewritten", text.rewritten).text("policy", text.policy_sha256);
  static const std::vector<TouchedTable> kNone;
  append_tables(out, all, text.tables != nullptr ? *text.tables : kNone);
}

// Everything of the short form is plain ASCII of our own making: nothing to escape. `begin`: the type, and the name
// of the member that the session's id is the value of.
void append_head(std::string& out, std::string_view begin, std::string_view session_id, std::uint64_t statement) {
  out += begin;
  out += session_id;
  out += R"(","statement":)";
  append_number(out, statement);
}

void append_text_or_like(std::string& out, const StatementText* text, std::uint64_t like) {
  out += ',';
  if (like == 0) {
    JsonMembers all{out};
    append_text(out, all, *text);
    return;
  }
  out += R"("like":)";
  append_number(out, like);
  if (text == nullptr) return;
  out += R"(,"sql":{"sha256":")";
  out += text->sql_sha256;  // hex
  out += R"(","bytes":)";
  append_number(out, std::uint64_t{text->sql_bytes});
  out += '}';
}

void append_outcome(std::string& out, const StatementOutcome& outcome) {
  out += R"(,"rows":)";
  append_number(out, outcome.rows);
  if (outcome.sqlstate == "00000") {
    out += R"(,"sqlstate":"00000")";
    return;
  }
  out += R"(,"sqlstate":)";
  append_json_string(out, outcome.sqlstate);  // an error's came from the server
}

// Elements are cut apart where one begins: within strings no quote stands alone.
void append_touched_list(std::string& out, std::string_view touched) {
  if (touched.empty()) return;
  std::string_view listed = touched;
  if (touched.size() > kTouchedBytesMax) {
    const std::size_t end = touched.rfind("},{\"table\":", kTouchedBytesMax);
    listed = end == std::string_view::npos ? std::string_view{} : touched.substr(0, end + 1);
  }
  out += ",\"touched\":[";
  out += listed;
  out += ']';
  if (listed.size() == touched.size()) return;
  out += ",\"touched_shortened\":{\"bytes\":";
  append_number(out, std::uint64_t{touched.size()});
  out += ",\"sha256\":\"" + sha256_hex(touched) + "\"}";
}

// Enough for most, and for the mode that is put behind it.
std::size_t room(const StatementText* text, std::uint64_t like, std::string_view touched) {
  const std::size_t usual = 224 + std::min(touched.size(), kTouchedBytesMax);
  if (text == nullptr) return usual;
  return usual + (like != 0 ? 128 : 512 + text->session_members.size());
}

}  // namespace

std::string members(const StatementIntent& event) {
  std::string out;
  out.reserve(room(event.text, event.like, event.touched));
  append_head(out, R"("type":"stmt.intent","session":")", event.session_id, event.statement);
  append_text_or_like(out, event.text, event.like);
  append_touched_list(out, event.touched);
  return out;
}

std::string members(const StatementRead& event) {
  std::string out;
  out.reserve(room(event.text, event.like, event.touched));
  append_head(out, R"("type":"stmt.read","session":")", event.session_id, event.statement);
  append_text_or_like(out, event.text, event.like);
  append_touched_list(out, event.touched);
  if (event.outcome != nullptr) append_outcome(out, *event.outcome);
  return out;
}

std::string members(const StatementResult& event) {
  std::string out;
  out.reserve(room(nullptr, 0, event.touched));
  append_head(out, R"("type":"stmt.result","session":")", event.session_id, event.statement);
  append_touched_list(out, event.touched);
  append_outcome(out, event.outcome);
  return out;
}

std::string members(const StatementTouch& event) {
  std::string out;
  out.reserve(room(nullptr, 0, event.touched));
  append_head(out, R"("type":"stmt.touch","session":")", event.session_id, event.statement);
  append_touched_list(out, event.touched);
  return out;
}

std::string members(const StatementMismatch& event) {
  std::string out;
  append_head(out, R"("type":"stmt.mismatch","session":")", event.session_id, event.statement);
  out += R"(,"table":)";
  append_json_string(out, event.table);
  return out;
}

std::string members(const StatementDeny& event) {
  std::string out;
  JsonMembers all{out};
  all.text("type", "stmt.deny").text("session", event.session_id).number("statement", event.statement);
  all.rendered(event.session_members);
  append_statement_text(all, event.sql_sha256, event.sql_bytes);
  all.text("reason", event.reason).text("sqlstate", event.sqlstate).text("object", event.object);
  return out;
}

}  // namespace pgward::audit
