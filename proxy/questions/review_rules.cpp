#include "proxy/questions/review_rules.h"

#include <algorithm>
#include <ctime>

#include "audit/sha256.h"
#include "audit/timestamp.h"
#include "proxy/questions/rows.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kRecordsKept = 1000;

std::tm here(std::int64_t time_us) {
  const std::time_t at = static_cast<std::time_t>(time_us / 1'000'000);
  std::tm parts{};
  ::localtime_r(&at, &parts);
  return parts;
}

bool at_work(const std::tm& at, const ReviewRules& rules) {
  if (at.tm_wday == 0 || at.tm_wday == 6) return false;
  const int minute = at.tm_hour * 60 + at.tm_min, begin = rules.begin_hour * 60 + rules.begin_minute, end = rules.end_hour * 60 + rules.end_minute;
  // Work may go on over midnight.
  return begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end;
}

std::string day_of(const std::tm& at) {
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &at)};
}

bool meet(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
}

}  // namespace

ReviewQueue::Tally& ReviewQueue::tally(const std::string& rule, const std::string& about, const std::string& what, const audit::CompleteEvent& event, std::size_t least) {
  const std::string id = audit::sha256_hex(rule + '\n' + about + '\n' + what).substr(0, 16);
  Tally& tally = tallies_[id];
  ReviewCase& found = tally.found;
  if (found.times++ == 0) {
    found.id = id;
    found.rule = rule;
    found.about = about;
    found.what = what;
    found.first = event.ts;
    tally.least = least;
  }
  found.last = std::max(found.last, event.ts);
  found.last_seq = event.seq;
  if (found.records.size() < kRecordsKept) found.records.insert(event.seq);
  return tally;
}

void ReviewQueue::take(const audit::CompleteEvent& event) {
  const std::string user(event.text("actor", "sub"));
  const std::string day = day_of(here(audit::timestamp_us(event.ts).value_or(0)));
  if (event.type == "break_glass.open") {
    const std::string id(event.text("break_glass"));
    glass_[id] = tally("break-glass", user, "emergency " + id + ", reason " + std::string(event.text("reason")), event).found.id;
  } else if (event.type == "break_glass.sign_off") {
    if (const auto opened = glass_.find(std::string(event.text("signs"))); opened != glass_.end()) signed_off(opened->second, {user, "", "signed off at the database", event.ts, event.seq});
  } else if (event.type == "auth.fail") {
    tally("failed-log-ins", std::string(event.text("src", "ip")), day, event, rules_.failures);
  } else if (event.type == "stmt.deny") {
    tally("refusals", user, day, event, rules_.refusals);
  } else if (event.type == "stmt.mismatch") {
    tally("mismatch", user, day, event);
  } else if (event.type.starts_with("stmt.")) {
    statement(event, user, day);
  }
}

void ReviewQueue::statement(const audit::CompleteEvent& event, const std::string& user, const std::string& day) {
  std::set<std::string> people = people_of(event.record);
  if (!people.empty()) {
    if (meet(people, rules_.watched)) tally("watched-person", user, day, event);
    if (const auto own = rules_.own.find(user); own != rules_.own.end() && meet(people, own->second)) tally("own-record", user, day, event);
    tally("many-people", user, day, event, rules_.people_a_day).people.merge(people);
  }
  const bool first = event.type == "stmt.intent" || event.type == "stmt.read";
  if (first && !at_work(here(audit::timestamp_us(event.ts).value_or(0)), rules_)) tally("after-hours", user, day, event);
}

bool same_person(const std::string& here, const std::string& user) {
  const std::string name = user.substr(0, user.find('@'));
  const std::size_t login = here.find(" (login ");
  std::vector<std::string> names{here.substr(0, login)};
  if (login != here.npos) names.push_back(here.substr(login + 8, here.size() - login - 9));
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) { return !one.empty() && (one == user || one == name); });
}

void ReviewQueue::signed_off(const std::string& id, SignOff sign) { signs_[id].push_back(std::move(sign)); }

const std::vector<ReviewCase>& ReviewQueue::cases() const {
  cases_.clear();
  for (const auto& [id, tally] : tallies_) {
    const bool by_people = tally.found.rule == "many-people";
    if ((by_people ? tally.people.size() : tally.found.times) < tally.least) continue;
    cases_.push_back(tally.found);
    if (by_people) cases_.back().times = tally.people.size();
    const auto signs = signs_.find(id);
    if (signs == signs_.end()) continue;
    for (const SignOff& sign : signs->second) {
      if (sign.through < tally.found.last_seq || same_person(sign.by, tally.found.about) || same_person(sign.says, tally.found.about)) continue;
      cases_.back().signed_by = sign.by;
      cases_.back().result = sign.result;
      cases_.back().signed_at = sign.at;
      break;
    }
  }
  std::sort(cases_.begin(), cases_.end(), [](const ReviewCase& a, const ReviewCase& b) { return std::tie(a.first, a.id) < std::tie(b.first, b.id); });
  return cases_;
}

}  // namespace pgward::proxy
