#include <algorithm>
#include <map>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/sessions.h"

namespace pgward::proxy {
namespace {

// What one session did: a row for each statement, made of all its records, and for each record that is of none.
class Deeds {
 public:
  void take(const Json& record) {
    const std::uint64_t number = number_in(record, "statement");
    Deed& deed = number != 0 ? statement(number) : deeds_.emplace_back();
    if (deed.row.is_null()) deed.row = record_row(record);
    for (const char* member : {"rows", "sqlstate"})
      if (record.contains(member)) deed.row[member] = record[member];
    if (number != 0) deed.records.push_back(number_in(record, "seq"));
    deed.people.merge(people_of(record));
  }
  template <class Take>
  void each(Take take) {
    for (Deed& deed : deeds_) {
      if (!deed.records.empty()) deed.row["records"] = deed.records;
      deed.row["people"] = deed.people.size();
      deed.row["pseudonyms"] = deed.people;
      take(deed.row, deed.people, !deed.records.empty());
    }
  }

 private:
  struct Deed {
    Json row;
    std::vector<std::uint64_t> records;
    std::set<std::string> people;
  };
  Deed& statement(std::uint64_t number) {
    const auto [found, fresh] = places_.emplace(number, deeds_.size());
    return fresh ? deeds_.emplace_back() : deeds_[found->second];
  }

  std::vector<Deed> deeds_;
  std::map<std::uint64_t, std::size_t> places_;  // statement -> where in deeds_
};

}  // namespace

int what_did(const Asking& asking, const WhatDid& wanted) try {
  auto question = Question::open("what-did", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  answer.asked["users"] = {wanted.user};
  answer.columns = {"time", "type", "op", "tables", "rows", "sqlstate", "reason", "people", "role", "tenant", "address", "application", "seq"};
  const auto sessions = sessions_under(question->trail(), wanted.user, "");
  std::set<std::string> people;
  std::size_t statements = 0, refused = 0;
  for (const auto& [session, seq] : sessions) {
    Deeds deeds;
    each_of_session(*question, session, seq, [&](const audit::CompleteEvent& event) {
      if (event.text("actor", "sub") == wanted.user && (wanted.issuer.empty() || event.text("actor", "iss") == wanted.issuer)) deeds.take(event.record);
      return true;
    });
    deeds.each([&](Json& row, const std::set<std::string>& here, bool statement) {
      people.insert(here.begin(), here.end());
      statements += statement;
      refused += text_in(row, "type") == "stmt.deny";
      answer.rows.push_back(std::move(row));
    });
  }
  std::sort(answer.rows.begin(), answer.rows.end(), [](const Json& a, const Json& b) { return number_in(a, "seq") < number_in(b, "seq"); });
  answer.summary = {{"sessions", sessions.size()}, {"statements", statements}, {"refused", refused}, {"people_touched", people.size()}};
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
