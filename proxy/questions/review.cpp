// What somebody should look at, and who has: cases are made from the trail each time, sign-offs are records of it.
#include <ctime>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

#include "audit/inbox.h"
#include "audit/sha256.h"
#include "audit/timestamp.h"
#include "proxy/questions/reading.h"
#include "proxy/questions/questions.h"
#include "proxy/questions/review_rules.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/stream.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

constexpr const char* kSignedOff = "break_glass.sign_off";

// USER KEY a line; # begins a comment.
std::map<std::string, std::vector<std::string>> own_keys(const std::string& file) {
  std::map<std::string, std::vector<std::string>> own;
  if (file.empty()) return own;
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + ": cannot be read");
  std::string line;
  for (std::size_t n = 1; std::getline(in, line); ++n) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.find_first_of(" \t");
    if (space == line.npos || space == 0) throw std::runtime_error(file + ":" + std::to_string(n) + ": expected USER KEY");
    own[line.substr(0, space)].push_back(line.substr(line.find_first_not_of(" \t", space)));
  }
  return own;
}

ReviewRules rules_of(Question& question, const Review& wanted) {
  ReviewRules rules;
  if (std::sscanf(wanted.hours.c_str(), "%d:%d-%d:%d", &rules.begin_hour, &rules.begin_minute, &rules.end_hour, &rules.end_minute) != 4) throw std::runtime_error("--hours is written as 07:00-19:00");
  rules.people_a_day = wanted.people_a_day;
  rules.refusals = wanted.refusals;
  rules.failures = wanted.failures;
  const auto own = own_keys(wanted.own);
  if (wanted.watched.empty() && own.empty()) return rules;
  const auto keys = tenant_keys(question.asking().subject_keys, question.asking().tenants);
  if (const auto* wrong = std::get_if<std::string>(&keys)) throw std::runtime_error(*wrong);
  for (const auto& one : pseudonyms_of(std::get<0>(keys), keys_given(wanted.watched, std::cin), "")) rules.watched.insert(one.hex);
  for (const auto& [user, written] : own)
    for (const auto& one : pseudonyms_of(std::get<0>(keys), written, "")) rules.own[user].insert(one.hex);
  return rules;
}

// What a sign-off says of who signed is believed as far as the owner of its file bears it out, which whoever took it in has seen.
void take_sign_off(const Json& record, ReviewQueue& queue) {
  const auto uid = record.find("uid"), owner = record.find("file_owner");
  if (uid == record.end() || owner == record.end() || !owner->is_number_unsigned() || *uid != *owner) return;
  queue.signed_off(text_in(record, "case"), {user_name(owner->get<std::uint64_t>()), text_in(record, "os_user"), text_in(record, "result"), text_in(record, "ts"),
                                             std::min(number_in(record, "through_seq"), number_in(record, "seq"))});
}

ReviewQueue queue_of(Question& question, const Review& wanted) {
  ReviewQueue queue(rules_of(question, wanted));
  each_record(question, [&](const audit::CompleteEvent& event) {
    if (event.type != kSignedOff && question.of_tenants(event.record)) queue.take(event);
    return true;
  });
  // Sign-offs may come after the range, and from people of no tenant.
  TrailView& trail = question.trail();
  std::set<std::uint64_t> signs;
  for (const char* type : {"review.sign", kSignedOff})
    for (const audit::IndexHit& hit : trail.find(audit::IndexKind::type, audit::key_of_type(type))) signs.insert(hit.seq);
  for (const std::uint64_t seq : signs) {
    const audit::CompleteEvent event = trail.whole(seq);
    if (event.type == kSignedOff) queue.take(event);
    else take_sign_off(event.record, queue);
  }
  return queue;
}

}  // namespace

int review(const Asking& asking, const Review& wanted) try {
  auto question = Question::open("review", asking);
  if (!question) return 2;
  Answer answer = question->answer();
  const ReviewQueue queue = queue_of(*question, wanted);
  const std::int64_t late_us = unix_now_us() - wanted.overdue_hours * 3'600'000'000;
  std::size_t open = 0, overdue = 0;
  for (const ReviewCase& one : queue.cases()) {
    const bool late = one.signed_by.empty() && audit::timestamp_us(one.last).value_or(0) < late_us;
    open += one.signed_by.empty();
    overdue += late;
    if (wanted.overdue ? !late : (!one.signed_by.empty() && !asking.all)) continue;
    answer.rows.push_back({{"case", one.id}, {"rule", one.rule}, {"about", one.about}, {"what", one.what}, {"first", one.first}, {"last", one.last}, {"times", one.times},
                           {"overdue", late}, {"signed_by", one.signed_by}, {"result", one.result}, {"records", one.records}});
  }
  answer.columns = {"case", "rule", "about", "what", "times", "first", "last", "overdue", "signed_by", "result"};
  answer.summary = {{"cases", queue.cases().size()}, {"open", open}, {"overdue", overdue}, {"overdue_after_hours", wanted.overdue_hours}};
  const int status = question->finish(std::move(answer));
  return status == 0 && wanted.overdue && overdue > 0 ? 3 : status;
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

int sign_review(const Asking& asking, const Review& wanted) try {
  static const std::set<std::string> kResults{"in-order", "explained", "incident"};
  if (!kResults.contains(wanted.result)) return cannot_answer("--result is one of in-order, explained, incident");
  auto question = Question::open("review-sign", asking);
  if (!question) return 2;
  const ReviewQueue queue = queue_of(*question, wanted);
  const auto found = std::find_if(queue.cases().begin(), queue.cases().end(), [&](const ReviewCase& one) { return one.id == wanted.sign_case; });
  if (found == queue.cases().end()) return cannot_answer("there is no such case in this range, by these rules: give sign the options that review had");
  const std::string here = person_here();
  if (same_person(here, found->about)) return cannot_answer("this case is about " + found->about + ": somebody else has to look at it");
  if (!found->signed_by.empty()) return cannot_answer("it is signed already, by " + found->signed_by);
  std::vector<std::uint64_t> some(found->records.begin(), found->records.end());
  some.resize(std::min<std::size_t>(some.size(), 100));
  const Json said{{"type", "review.sign"}, {"id", audit::sha256_hex(found->id + utc_text(unix_now_us())).substr(0, 32)}, {"at", utc_text(unix_now_us())}, {"os_user", here}, {"uid", static_cast<std::uint64_t>(::getuid())},
                  {"case", found->id}, {"about", found->about}, {"rule", found->rule}, {"result", wanted.result}, {"records", some}, {"through_seq", question->trail().shelf().last_seq()}};
  if (const std::string wrong = audit::put_in_inbox(question->trail().directory(), said.dump(-1, ' ', true, Json::error_handler_t::replace)); !wrong.empty()) return cannot_answer("the sign-off cannot be written: " + wrong);
  std::printf("signed: case %s (%s, %s) is %s, by %s; the running pgward takes it into the log\n", found->id.c_str(), found->rule.c_str(), printable(found->about).c_str(), wanted.result.c_str(), printable(here).c_str());
  return 0;
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
