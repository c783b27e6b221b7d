// Who saw a person, and the accounting of disclosures that is made of it.
#include <algorithm>
#include <iostream>
#include <map>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

using audit::IndexHit;
using audit::IndexKind;

constexpr std::size_t kSetsLookedAt = 200;  // statements that may include the person, one by one

// A statement, and which of the people it touched in the days that were asked for.
struct Sighting {
  TrailView::Statement statement;
  std::set<std::size_t> people;  // of those that were asked for
  Touch touch;
  std::string time;  // of the first record that names one of them
};

std::vector<Sighting> sightings(Question& question, const std::vector<Pseudonymous>& people, IndexKind kind) {
  TrailView& trail = question.trail();
  std::map<std::pair<std::string, std::uint64_t>, Sighting> found;
  std::set<std::string> hexes;
  for (const Pseudonymous& one : people) hexes.insert(one.hex);
  for (const Pseudonymous& one : people) {
    for (const IndexHit& hit : trail.find(kind, one.key, question.range())) {
      // Its own time: rows may go out long after their statement began.
      const Json& record = trail.record(hit.seq);
      if (!question.range().has(time_of(record))) continue;
      const Touch touch = touch_of(record, hexes);
      const std::string time = text_in(record, "ts");
      Sighting& sighting = found[{text_in(record, "session"), number_in(record, "statement")}];
      if (sighting.statement.number == 0) {
        auto statement = trail.statement(hit.seq);
        if (!statement) throw std::runtime_error("record " + std::to_string(hit.seq) + " touched somebody, and is of no statement");
        sighting.statement = std::move(*statement);
        sighting.time = time;
      }
      sighting.people.insert(one.asked);
      sighting.touch.add(touch);
      sighting.time = std::min(sighting.time, time);
    }
  }
  std::vector<Sighting> all;
  for (auto& [key, sighting] : found)
    if (question.of_tenants(sighting.statement.record)) all.push_back(std::move(sighting));
  std::sort(all.begin(), all.end(), [](const Sighting& a, const Sighting& b) { return number_in(a.statement.record, "seq") < number_in(b.statement.record, "seq"); });
  return all;
}

// Statements of which it is not known whom they touched, by table, tenant and user: of the tenants of these people.
Json may_include(Question& question, const std::vector<Pseudonymous>& people, std::vector<std::string>& notes) {
  TrailView& trail = question.trail();
  const auto tables = trail.shelf().set_tables();
  if (const auto* wrong = std::get_if<std::string>(&tables)) throw std::runtime_error(*wrong);
  std::set<std::string> tenants;
  for (const Pseudonymous& one : people) tenants.insert(one.tenant);
  std::map<std::tuple<std::string, std::string, std::string>, Json> sums;
  for (const std::string& table : std::get<std::vector<std::string>>(tables)) {
    const std::vector<IndexHit> hits = trail.find(IndexKind::set, audit::key_of_table(table), question.range());
    std::size_t first = 0;
    if (hits.size() > kSetsLookedAt && !question.asking().all) {
      first = hits.size() - kSetsLookedAt;
      notes.push_back(std::to_string(first) + " earlier records of statements on " + table + " name no patients and may include these, of whatever tenant; --all lists them by tenant");
    }
    std::set<std::pair<std::string, std::uint64_t>> seen;
    for (std::size_t n = first; n < hits.size(); ++n) {
      const Json& record = trail.record(hits[n].seq);
      if (!question.range().has(time_of(record)) || !seen.emplace(text_in(record, "session"), number_in(record, "statement")).second) continue;
      const std::string time = text_in(record, "ts");
      const auto statement = trail.statement(hits[n].seq);
      if (!statement || !question.of_tenants(statement->record)) continue;
      const std::string tenant = tenant_of(statement->record);
      // A role without a tenant reads all of them.
      if (!tenants.contains("") && !tenants.contains(tenant) && tenant != "none") continue;
      const std::string user = text_in(statement->record, "actor", "sub");
      Json& sum = sums[{table, tenant, user}];
      if (sum.is_null()) sum = {{"table", table}, {"tenant", tenant}, {"user", user}, {"statements", 0}, {"rows", 0}, {"first", time}, {"last", time}};
      sum["statements"] = sum["statements"].get<std::uint64_t>() + 1;
      sum["rows"] = sum["rows"].get<std::uint64_t>() + number_in(statement->record, "rows");
      sum["last"] = time;
    }
  }
  Json all = Json::array();
  for (auto& [key, sum] : sums) all.push_back(std::move(sum));
  return all;
}

std::string asked_name(const WhoSaw& wanted, const Asking& asking, std::size_t n) {
  return n < wanted.subjects.size() ? wanted.subjects[n] : asking.pseudonyms[n - wanted.subjects.size()];
}

Answer begun(Question& question, const std::vector<Pseudonymous>& people) {
  Answer answer = question.answer();
  std::set<std::string> hexes;
  for (const Pseudonymous& one : people) hexes.insert(one.hex);
  answer.asked["pseudonyms"] = std::vector<std::string>(hexes.begin(), hexes.end());
  return answer;
}

}  // namespace

int who_saw(const Asking& asking, const WhoSaw& given) try {
  const WhoSaw wanted{keys_given(given.subjects, std::cin)};
  auto question = Question::open("who-saw", asking);
  if (!question) return 2;
  const auto people = question->pseudonyms(wanted.subjects);
  if (!people) return 2;
  Answer answer = begun(*question, *people);
  answer.columns = {"time", "user", "role", "tenant", "how", "action", "touched", "phi", "rows", "sqlstate", "address", "application", "seq"};
  if (wanted.subjects.size() + asking.pseudonyms.size() > 1) answer.columns.insert(answer.columns.begin() + 1, "subject");
  std::set<std::string> users;
  for (const Sighting& sighting : sightings(*question, *people, IndexKind::subject)) {
    Json row = statement_row(sighting.statement);
    const Json& record = sighting.statement.record;
    row["how"] = label_of(sighting.touch.mode);
    row["action"] = actions_of(record, sighting.touch.tables);
    row["touched"] = sighting.touch.tables;
    row["phi"] = phi_of(record, sighting.touch.tables);
    std::vector<std::string> subjects;
    for (const std::size_t n : sighting.people) subjects.push_back(asked_name(wanted, question->asking(), n));
    row["subject"] = subjects;
    users.insert(text_in(record, "actor", "sub"));
    answer.rows.push_back(std::move(row));
  }
  answer.summary["people_who_did"] = users.size();
  answer.summary["may_include"] = may_include(*question, *people, answer.notes);
  if (!answer.summary["may_include"].empty()) answer.notes.push_back("may_include: statements that read or changed rows of these tables without it being known whose; how many rows is in the record");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

int accounting(const Asking& asking, const WhoSaw& wanted) try {
  auto question = Question::open("accounting", asking);
  if (!question) return 2;
  const auto people = question->pseudonyms(keys_given(wanted.subjects, std::cin));
  if (!people) return 2;
  Answer answer = begun(*question, *people);
  answer.columns = {"date", "recipient", "organisation", "what", "purpose", "certainty", "times", "last"};
  // 164.528(b)(3): of several to the same recipient for the same purpose the first, how often, and the last.
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string>, Json> sums;
  for (const Sighting& sighting : sightings(*question, *people, IndexKind::subject)) {
    const Json& record = sighting.statement.record;
    // Refused, by us or by the server, before a row went out.
    const bool refused = text_in(record, "sqlstate") == "42501" && sighting.touch.mode != "keys" && number_in(record, "rows") == 0;
    if (text_in(record, "type") == "stmt.deny" || refused) continue;
    std::string what;
    for (const std::string& table : sighting.touch.tables) what.append(what.empty() ? "" : " ").append(table);
    std::string kinds;
    for (const std::string& kind : phi_of(record, sighting.touch.tables)) kinds.append(kinds.empty() ? ": " : ",").append(kind);
    what += kinds;
    const std::string purpose = text_in(record, "break_glass").empty() ? "role " + text_in(record, "actor", "role") : "emergency access " + text_in(record, "break_glass");
    const std::string user = text_in(record, "actor", "sub"), issuer = text_in(record, "actor", "iss"), &time = sighting.time;
    Json& sum = sums[{user, issuer, what, purpose, label_of(sighting.touch.mode)}];
    if (sum.is_null()) sum = {{"date", time}, {"recipient", user}, {"organisation", issuer}, {"what", what}, {"purpose", purpose}, {"certainty", label_of(sighting.touch.mode)}, {"times", 0}, {"last", time}, {"records", Json::array()}};
    sum["times"] = sum["times"].get<std::uint64_t>() + 1;
    sum["date"] = std::min(text_in(sum, "date"), time);
    sum["last"] = std::max(text_in(sum, "last"), time);
    for (const std::uint64_t part : sighting.statement.parts) sum["records"].push_back(part);
  }
  for (auto& [key, sum] : sums) answer.rows.push_back(std::move(sum));
  std::sort(answer.rows.begin(), answer.rows.end(), [](const Json& a, const Json& b) { return text_in(a, "date") < text_in(b, "date"); });
  answer.summary["may_include"] = may_include(*question, *people, answer.notes);
  answer.notes.push_back("all accesses through pgward: treatment, payment and operations are among them, which 164.528(a)(1) exempts; whose address and which purpose in words only the covered entity knows");
  answer.notes.push_back("certainty: exact (a row of this person was released or changed), probe (a condition named this person), may include (not known which rows)");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
