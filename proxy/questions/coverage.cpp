// Whether the trail covers what happened: what was recorded, where it could not be, and who reaches the database some other way.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/stream.h"
#include "proxy/upstream/connect.h"

namespace pgward::proxy {
namespace {

struct Counts {
  std::map<std::string, std::uint64_t> types;
  std::set<std::string> open;                                        // sessions that were not closed
  std::set<std::pair<std::string, std::uint64_t>> intents;           // without a result
  std::vector<Json> findings;
  std::map<std::string, std::uint64_t> sessions;                     // by database
  std::uint64_t closed_statements = 0, lost = 0;
  bool running = false;
  std::set<std::string> modes;
};

void finding(Counts& counts, const audit::CompleteEvent& event, const std::string& what) {
  counts.findings.push_back({{"seq", event.seq}, {"time", event.ts}, {"finding", what}});
}

void take_log(Counts& counts, const audit::CompleteEvent& event) {
  if (event.type == "log.open") {
    if (counts.running) finding(counts, event, "pgward ended without saying so (killed, or the machine) before this start");
    counts.running = true;
    counts.open.clear();
    counts.intents.clear();
  } else if (event.type == "log.close") {
    counts.running = false;
  } else if (event.type == "log.degraded") {
    counts.lost += number_in(event.record, "lost");
    finding(counts, event, event.record.contains("anchor") ? "an anchor could not be told of checkpoints" : "the log could not be written for " + std::to_string(number_in(event.record, "seconds")) + " s; " + std::to_string(number_in(event.record, "lost")) + " records were refused, and what they were of did not run");
  } else if (event.type == "log.recover") {
    finding(counts, event, "a torn end was cut off at a start: records that nobody waited for yet");
  }
}

void take(Counts& counts, const audit::CompleteEvent& event) {
  ++counts.types[event.type];
  if (const std::string mode = text_in(event.record, "mode"); !mode.empty()) counts.modes.insert(mode);
  if (event.missing != audit::Missing::nothing) ++counts.types["(incomplete: what they refer to is before this range, or purged)"];
  if (event.type.starts_with("log.")) return take_log(counts, event);
  const std::string session = text_in(event.record, "session");
  if (event.type == "session.open") {
    counts.open.insert(session);
    ++counts.sessions[text_in(event.record, "db", "name")];
  } else if (event.type == "session.close") {
    counts.open.erase(session);
    counts.closed_statements += number_in(event.record, "statements");
    for (auto one = counts.intents.lower_bound({session, 0}); one != counts.intents.end() && one->first == session;) {
      finding(counts, event, "an intent (statement " + std::to_string(one->second) + ") has no result: it may have been done or not");
      one = counts.intents.erase(one);
    }
  } else if (event.type == "stmt.intent") {
    counts.intents.insert({session, number_in(event.record, "statement")});
  } else if (event.type == "stmt.mismatch") {
    finding(counts, event, "the server named a table that the plan did not: the session was ended");
  }
  if (event.type.starts_with("stmt.") && event.record.contains("sqlstate")) counts.intents.erase({session, number_in(event.record, "statement")});
}

struct Freed {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Freed>;

Json table_of(PGconn* connection, const char* sql, std::string& wrong) {
  const Result result(PQexec(connection, sql));
  Json rows = Json::array();
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) wrong = "the server's counters cannot be read";
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    Json one = Json::object();
    for (int column = 0; column < PQnfields(result.get()); ++column) one[PQfname(result.get(), column)] = PQgetvalue(result.get(), row, column);
    rows.push_back(std::move(one));
  }
  return rows;
}

// What the database counted itself. It counts everybody's, so only differences in one direction say something.
void compare(Answer& answer, const std::string& dsn, const Counts& counts) {
  const auto opened = connect_by_conninfo(dsn);
  if (const auto* wrong = std::get_if<std::string>(&opened)) throw std::runtime_error(*wrong);
  PGconn* connection = std::get<Connection>(opened).get();
  std::string wrong;
  answer.summary["server"] = table_of(connection, "SELECT datname, sessions, xact_commit, xact_rollback, tup_returned, tup_inserted, tup_updated, tup_deleted, coalesce(stats_reset::text, 'never') AS since "
                                                  "FROM pg_stat_database WHERE datname = current_database()", wrong);
  answer.summary["connected_now"] = table_of(connection, "SELECT usename, coalesce(host(client_addr), 'local') AS address, application_name, count(*) AS connections "
                                                         "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100", wrong);
  if (!wrong.empty()) throw std::runtime_error(wrong);
  std::uint64_t recorded = 0;
  for (const auto& [name, count] : counts.sessions) recorded += name == PQdb(connection) ? count : 0;
  answer.summary["sessions_recorded_of_this_database"] = recorded;
  answer.notes.push_back("the server counts sessions since its counters were reset, pgward's own for the catalog among them: more there than here means that somebody reaches the database without pgward (connected_now shows from where)");
}

}  // namespace

int coverage(const Asking& asking, const Coverage& wanted) try {
  auto question = Question::open("coverage", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  Counts counts;
  each_record(*question, [&](const audit::CompleteEvent& event) { return take(counts, event), true; });
  std::uint64_t all = 0;
  Json types = Json::array();
  for (const auto& [type, count] : counts.types) {
    types.push_back({{"type", type}, {"records", count}});
    all += type.starts_with('(') ? 0 : count;
  }
  answer.summary = {{"records", all}, {"types", types}, {"modes", counts.modes}, {"statements_of_closed_sessions", counts.closed_statements}, {"sessions_not_closed", counts.open.size()},
                    {"intents_without_result", counts.intents.size()}, {"refused_while_the_log_failed", counts.lost}};
  answer.rows = counts.findings;
  answer.columns = {"seq", "time", "finding"};
  if (!wanted.dsn.empty()) compare(answer, wanted.dsn, counts);
  answer.notes.push_back("recorded are statements that touch what the policy protects, and all that was refused; statements_of_closed_sessions counts every one");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
