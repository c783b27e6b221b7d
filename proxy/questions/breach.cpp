// Whom a breach touches: the people, what of theirs, whether it was seen or only asked for, and by when they must hear of it.
#include <algorithm>
#include <map>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/sessions.h"
#include "proxy/questions/stream.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;

struct Person {
  bool viewed = false;
  std::string tenant, first, last;
  std::set<std::string> phi, tables;
  std::set<std::uint64_t> records;
};

// Fed with every record of those statements: each tells of others that it touched.
class Scope {
 public:
  void take(const Json& record) {
    if (!text_in(record, "type").starts_with("stmt.") || text_in(record, "type") == "stmt.deny") return;
    const auto touched = record.find("touched");
    if (touched != record.end() && touched->is_array())
      for (const Json& entry : *touched) entry_of(record, entry);
    const auto changes = record.find("changes");
    if (changes != record.end() && changes->is_array())
      for (const Json& change : *changes)
        for (const std::string& who : people_of_change(change)) person(who, record, text_in(change, "table"), true);
    if (record.contains("sqlstate")) ended(record);
  }
  std::map<std::string, Person> people;
  std::map<std::pair<std::string, std::string>, Json> sets;  // table and tenant: not known whose

 private:
  void entry_of(const Json& record, const Json& entry) {
    const std::string mode = text_in(entry, "mode"), table = text_in(entry, "table");
    if (mode == "set" && open_[statement_of(record)].emplace(table, tenant_of(record)).second) {
      Json& sum = sets[{table, tenant_of(record)}];
      if (sum.is_null()) sum = {{"table", table}, {"tenant", tenant_of(record)}, {"statements", 0}, {"rows", 0}};
      sum["statements"] = sum["statements"].get<std::uint64_t>() + 1;
    }
    const auto subjects = entry.is_object() ? entry.find("subjects") : entry.end();
    if (!entry.is_object() || subjects == entry.end() || !subjects->is_array()) return;
    for (const Json& one : *subjects)
      if (one.is_string()) person(one.get<std::string>(), record, table, mode == "keys");
  }
  static std::pair<std::string, std::uint64_t> statement_of(const Json& record) { return {text_in(record, "session"), number_in(record, "statement")}; }
  // How many rows it were is in the last record, whose they may be in an earlier one.
  void ended(const Json& record) {
    const auto found = open_.find(statement_of(record));
    if (found == open_.end()) return;
    for (const auto& key : found->second) sets[key]["rows"] = sets[key]["rows"].get<std::uint64_t>() + number_in(record, "rows");
    open_.erase(found);
  }
  void person(const std::string& hex, const Json& record, const std::string& table, bool viewed) {
    Person& one = people[hex];
    const std::string time = text_in(record, "ts");
    one.viewed = one.viewed || viewed;
    one.tenant = tenant_of(record);
    if (one.first.empty() || time < one.first) one.first = time;
    if (time > one.last) one.last = time;
    one.tables.insert(table);
    one.phi.merge(phi_of(record, {table}));
    if (one.records.size() < 100) one.records.insert(number_in(record, "seq"));
  }

  std::map<std::pair<std::string, std::uint64_t>, std::set<std::pair<std::string, std::string>>> open_;  // statements under way, their sets
};

bool under(const Json& record, const Breach& wanted) {
  const Json row = record_row(record);
  return (wanted.user.empty() || text_in(row, "user") == wanted.user) && (wanted.credential.empty() || text_in(row, "credential") == wanted.credential);
}

void gather(Question& question, const Breach& wanted, Scope& scope) {
  if (wanted.user.empty() && wanted.credential.empty()) {
    // Everybody's: touches stand in records that say neither table nor kinds of PHI, but the Completer adds them.
    each_record(question, [&](const audit::CompleteEvent& event) {
      if (question.of_tenants(event.record)) scope.take(event.record);
      return true;
    });
    return;
  }
  for (const auto& [session, seq] : sessions_under(question.trail(), wanted.user, wanted.credential))
    each_of_session(question, session, seq, [&](const audit::CompleteEvent& event) {
      if (under(event.record, wanted)) scope.take(event.record);
      return true;
    });
}

std::set<std::string> all_kinds(const Scope& scope) {
  std::set<std::string> kinds;
  for (const auto& [hex, one] : scope.people) kinds.insert(one.phi.begin(), one.phi.end());
  return kinds;
}

}  // namespace

int breach(const Asking& asking, const Breach& wanted) try {
  if (wanted.user.empty() && wanted.credential.empty() && asking.from.empty()) return cannot_answer("a breach is of --user, of --credential, or of a time (--from, --to)");
  const auto discovered = wanted.discovered.empty() ? unix_now_us() : when(wanted.discovered, false).value_or(-1);
  if (discovered < 0) return cannot_answer("--discovered is no date: 2026-11-22");
  auto question = Question::open("breach", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  if (!wanted.user.empty()) answer.asked["users"] = {wanted.user};
  if (!wanted.credential.empty()) answer.asked["credentials"] = {wanted.credential};
  Scope scope;
  gather(*question, wanted, scope);
  std::map<std::string, std::uint64_t> by_tenant;
  std::uint64_t viewed = 0;
  for (const auto& [hex, one] : scope.people) {
    viewed += one.viewed;
    ++by_tenant[one.tenant];
    answer.rows.push_back({{"subject", hex}, {"tenant", one.tenant}, {"how", one.viewed ? "viewed" : "only queried"}, {"phi", one.phi}, {"tables", one.tables}, {"first", one.first}, {"last", one.last}, {"records", one.records}});
  }
  answer.columns = {"subject", "tenant", "how", "phi", "tables", "first", "last"};
  const auto people = scope.people.size();
  answer.summary = {{"people", people}, {"viewed_or_changed", viewed}, {"only_queried", people - viewed}, {"identifiers", all_kinds(scope)}};
  Json tenants = Json::array(), sets = Json::array();
  for (const auto& [tenant, count] : by_tenant) tenants.push_back({{"tenant", tenant}, {"people", count}});
  for (auto& [key, sum] : scope.sets) sets.push_back(std::move(sum));
  answer.summary["tenants"] = tenants;
  answer.summary["may_include"] = sets;
  answer.summary["discovered"] = utc_text(discovered).substr(0, 10);
  answer.summary["notify_people_by"] = utc_text(discovered + 60 * kDay).substr(0, 10);
  answer.summary["days_left"] = (discovered + 60 * kDay - unix_now_us()) / kDay;
  answer.summary["also_hhs_and_media_at_once"] = people >= 500;
  if (!sets.empty()) answer.notes.push_back("may_include: rows of these tables were read or changed without it being known whose: count these people too, unless shown otherwise (the burden of proof is the entity's, 164.414(b))");
  answer.notes.push_back("subjects are pseudonyms; who-saw finds one by the person's key. identifiers are the policy's kinds of the columns that were named. 60 days from discovery at the latest (164.404(b)); 500 or more of one state: media, too (164.406)");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
