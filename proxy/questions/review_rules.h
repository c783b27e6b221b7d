// Which records make a case for review. Pure: complete records in their order go in, cases come out; the same records and rules make the
// same cases, with the same ids.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "audit/complete.h"

namespace pgward::proxy {

struct ReviewRules {
  int begin_hour = 7, begin_minute = 0, end_hour = 19, end_minute = 0;  // work, by the clock of this computer
  std::size_t people_a_day = 200;  // of one user
  std::size_t refusals = 10;       // of one user on one day
  std::size_t failures = 10;       // log-ins from one address on one day
  std::set<std::string> watched;   // pseudonyms of people whose records are looked at by name
  std::map<std::string, std::set<std::string>> own;  // user -> pseudonyms of their own records, and of their family
};

struct ReviewCase {
  std::string id, rule, about, what, first, last;  // about: a user, or an address
  std::uint64_t times = 0;
  std::set<std::uint64_t> records;                 // the first thousand
  std::uint64_t last_seq = 0;
  std::string signed_by, result, signed_at;
};

// That somebody looked at a case, as it was up to record `through`. `by`: as whom the system knows them; `says`: what they say of themselves.
struct SignOff {
  std::string by, says, result, at;
  std::uint64_t through = 0;
};

// Whether somebody at this computer ("anna", "pgward (login anna)") is a user of the database, as far as names tell.
bool same_person(const std::string& here, const std::string& user);

class ReviewQueue {
 public:
  explicit ReviewQueue(ReviewRules rules) : rules_(std::move(rules)) {}
  void take(const audit::CompleteEvent& event);
  // The first one counts that is by somebody else than the case is about, and has seen all of it.
  void signed_off(const std::string& id, SignOff sign);
  // Those that are cases by now, the oldest first; good until the next call of the above.
  const std::vector<ReviewCase>& cases() const;

 private:
  struct Tally {
    ReviewCase found;
    std::size_t least = 1;
    std::set<std::string> people;
  };
  Tally& tally(const std::string& rule, const std::string& about, const std::string& what, const audit::CompleteEvent& event, std::size_t least = 1);
  void statement(const audit::CompleteEvent& event, const std::string& user, const std::string& day);

  ReviewRules rules_;
  std::map<std::string, Tally> tallies_;  // by id
  std::map<std::string, std::vector<SignOff>> signs_;
  std::map<std::string, std::string> glass_;  // id of an emergency -> case
  mutable std::vector<ReviewCase> cases_;
};

}  // namespace pgward::proxy
