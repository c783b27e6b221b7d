// Who logged in, and who tried to.
#include <algorithm>
#include <map>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"

namespace pgward::proxy {
namespace {

std::string part_of(const Json& row, const std::string& by) {
  if (by == "user") return text_in(row, "user");
  if (by == "ip") return text_in(row, "address");
  if (by == "day") return text_in(row, "time").substr(0, 10);
  return text_in(row, by.c_str());
}

std::vector<Json> grouped(const std::vector<Json>& rows, const std::vector<std::string>& by) {
  std::map<std::vector<std::string>, Json> groups;
  for (const Json& row : rows) {
    std::vector<std::string> key;
    for (const std::string& one : by) key.push_back(part_of(row, one));
    Json& group = groups[key];
    if (group.is_null()) {
      group = Json::object();
      for (std::size_t n = 0; n < by.size(); ++n) group[by[n]] = key[n];
      group["times"] = 0;
      group["first"] = text_in(row, "time");
      group["records"] = Json::array();
    }
    group["times"] = group["times"].get<std::uint64_t>() + 1;
    group["last"] = text_in(row, "time");
    group["records"].push_back(number_in(row, "seq"));
  }
  std::vector<Json> all;
  for (auto& [key, group] : groups) all.push_back(std::move(group));
  std::stable_sort(all.begin(), all.end(), [](const Json& a, const Json& b) { return a["times"].get<std::uint64_t>() > b["times"].get<std::uint64_t>(); });
  return all;
}

}  // namespace

int logins(const Asking& asking, const Logins& wanted) try {
  auto question = Question::open("logins", asking);
  if (!question) return 2;
  for (const std::string& by : wanted.by)
    if (by != "user" && by != "ip" && by != "reason" && by != "day" && by != "role") return cannot_answer("--by takes user, ip, reason, role, day");
  Answer answer = question->answer();
  std::vector<std::string> types{"auth.fail"};
  if (!wanted.failed) types = {"auth.fail", "session.open", "break_glass.open"};
  answer.asked["types"] = types;
  std::size_t failed = 0;
  for (const std::string& type : types) {
    for (const audit::IndexHit& hit : question->trail().find(audit::IndexKind::type, audit::key_of_type(type), question->range())) {
      const Json record = question->trail().whole(hit.seq).record;
      if (!question->range().has(time_of(record))) continue;
      if (type != "auth.fail" && !question->of_tenants(record)) continue;
      answer.rows.push_back(record_row(record));
      failed += type == "auth.fail";
    }
  }
  std::sort(answer.rows.begin(), answer.rows.end(), [](const Json& a, const Json& b) { return number_in(a, "seq") < number_in(b, "seq"); });
  answer.summary = {{"logged_in", answer.rows.size() - failed}, {"failed", failed}};
  answer.columns = {"seq", "time", "type", "user", "role", "tenant", "reason", "address", "application", "credential"};
  if (!wanted.by.empty()) {
    answer.rows = grouped(answer.rows, wanted.by);
    answer.columns = wanted.by;
    answer.columns.insert(answer.columns.end(), {"times", "first", "last"});
  }
  if (failed > 0) answer.notes.push_back("who failed to log in is not known by name: what they claimed was not verified, and is not recorded");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
