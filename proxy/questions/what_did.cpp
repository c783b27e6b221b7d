#include <algorithm>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/sessions.h"

namespace pgward::proxy {

int what_did(const Asking& asking, const WhatDid& wanted) try {
  auto question = Question::open("what-did", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  answer.asked["users"] = {wanted.user};
  answer.columns = {"time", "type", "op", "tables", "rows", "sqlstate", "reason", "people", "role", "tenant", "address", "application", "seq"};
  std::set<std::string> sessions = sessions_of(question->trail(), audit::IndexKind::user, audit::key_of_user(wanted.user));
  std::set<std::string> people, tables;
  std::size_t statements = 0, refused = 0;
  for (const std::string& session : sessions)
    each_statement(*question, session, [&](const TrailView::Statement& statement) {
      const Json& record = statement.record;
      if (text_in(record, "actor", "sub") != wanted.user) return;
      if (!wanted.issuer.empty() && text_in(record, "actor", "iss") != wanted.issuer) return;
      Json row = statement.number != 0 ? statement_row(statement) : record_row(record);
      std::set<std::string> here;
      if (record.contains("touched"))
        for (const Json& entry : record["touched"])
          if (entry.is_object() && entry.contains("subjects"))
            for (const Json& one : entry["subjects"]) here.insert(one.get<std::string>());
      row["people"] = here.size();
      row["pseudonyms"] = here;
      people.insert(here.begin(), here.end());
      statements += statement.number != 0;
      refused += text_in(record, "type") == "stmt.deny";
      answer.rows.push_back(std::move(row));
    });
  std::sort(answer.rows.begin(), answer.rows.end(), [](const Json& a, const Json& b) { return number_in(a, "seq") < number_in(b, "seq"); });
  answer.summary = {{"sessions", sessions.size()}, {"statements", statements}, {"refused", refused}, {"people_touched", people.size()}};
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
