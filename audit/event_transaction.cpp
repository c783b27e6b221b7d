#include "audit/event_transaction.h"

#include "audit/json_text.h"

namespace pgward::audit {

std::string members(const StatementChange& event) {
  std::string out;
  out.reserve(event.changes.size() + 160);
  JsonMembers all{out};
  all.text("type", "stmt.change").text("session", event.session_id).number("statement", event.statement);
  if (!event.xid.empty()) all.text("xid", event.xid);
  all.name("changes");
  out += '[';
  out += event.changes;
  out += ']';
  return out;
}

std::string members(const TransactionCommit& event) {
  std::string out;
  JsonMembers{out}.text("type", "tx.commit").text("session", event.session_id).number("statement", event.statement).number("from", event.from).number("through", event.through);
  return out;
}

std::string members(const TransactionEnd& event) {
  std::string out;
  JsonMembers all{out};
  all.text("type", "tx.end").text("session", event.session_id).text("outcome", event.outcome).number("from", event.from).number("through", event.through);
  if (!event.xid.empty()) all.text("xid", event.xid);
  if (event.vague) all.text("undone", "unknown");
  return out;
}

std::string members(const TransactionUndone& event) {
  std::string out;
  JsonMembers{out}.text("type", "tx.undone").text("session", event.session_id).number("statement", event.statement).number("from", event.from).number("through", event.through);
  return out;
}

}  // namespace pgward::audit
