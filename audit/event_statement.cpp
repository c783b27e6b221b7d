// Records about statements: what is about to happen, how it went, what was refused.
#include "audit/event_parts.h"

namespace pgward::audit {
namespace {

void append_table(std::string& out, const TouchedTable& table) {
  out += '{';
  JsonMembers all{out};
  all.text("table", table.table).text("action", std::string_view(&table.action, 1));
  if (table.all_columns)
    all.text("columns", "*");  // a text, not a list: no column can be meant by it
  else
    all.texts("columns", table.columns);
  if (!table.phi.empty()) all.texts("phi", table.phi);
  out += '}';
}

void append_tables(std::string& out, JsonMembers& all, const std::vector<TouchedTable>& tables) {
  all.name("tables");
  out += '[';
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (i > 0) out += ',';
    append_table(out, tables[i]);
  }
  out += ']';
}

}  // namespace

std::string members(const StatementIntent& event) {
  std::string out;
  out.reserve(512 + event.session_members.size());
  JsonMembers all{out};
  all.text("type", "stmt.intent").text("session", event.session_id).number("statement", event.statement);
  all.rendered(event.session_members).text("op", event.kind);
  append_statement_text(all, event.sql_sha256, event.sql_bytes);
  all.boolean("rewritten", event.rewritten).text("policy", event.policy_sha256);
  static const std::vector<TouchedTable> kNone;
  append_tables(out, all, event.tables != nullptr ? *event.tables : kNone);
  return out;
}

std::string members(const StatementResult& event) {
  std::string out;
  JsonMembers{out}
      .text("type", "stmt.result")
      .text("session", event.session_id)
      .number("statement", event.statement)
      .number("rows", event.rows)
      .text("sqlstate", event.sqlstate);
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
