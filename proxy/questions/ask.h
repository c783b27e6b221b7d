// What all questions share: which log, which days, in which form; that reading is recorded before the answer is shown; what vouches for it.
//
//   auto question = Question::open("who-saw", asking);   prints what is wrong
//   question->trail() ...                                makes an Answer
//   return question->finish(std::move(answer));          records, proves, prints; the exit status
//
// Exit status: 0 answered, 1 answered, but the trail is broken, 2 not answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/questions/answer.h"
#include "proxy/questions/people.h"
#include "proxy/questions/trail_view.h"

namespace pgward::proxy {

struct Asking {
  std::string log, config, subject_keys;  // a directory, or the configuration that names it
  std::string from, to;
  std::vector<std::string> tenants, pseudonyms;
  bool json = false, csv = false, verify = false, unrecorded = false, all = false;
  std::string proofs;  // a directory for them; empty: none
  std::string key;
  std::vector<std::string> anchors;
  std::size_t limit = 10'000;
  Form form() const { return json ? Form::json : csv ? Form::csv : Form::text; }
};

class Question {
 public:
  static std::optional<Question> open(std::string command, const Asking& asking);

  TrailView& trail() { return trail_; }
  const Asking& asking() const { return asking_; }
  const audit::TimeRange& range() const { return range_; }
  Answer answer() const;  // with what was asked so far

  // People, or with a table records. Nothing: it was printed why not.
  std::optional<std::vector<Pseudonymous>> pseudonyms(const std::vector<std::string>& written, const std::string& table = {});
  // "tenants" of the asking: whether a record is of one of them.
  bool of_tenants(const Json& record) const;

  int finish(Answer answer);

 private:
  Question(std::string command, const Asking& asking, TrailView trail) : command_(std::move(command)), asking_(asking), trail_(std::move(trail)) {}
  std::string record(const Answer& answer);
  int vouch(Answer& answer);
  void prove(Answer& answer);

  std::string command_;
  Asking asking_;
  TrailView trail_;
  audit::TimeRange range_;
};

int cannot_answer(const std::string& why);  // prints it; 2
// Where the log and the tenants' keys are. Why not, or empty.
std::string find_places(Asking& asking);

}  // namespace pgward::proxy
