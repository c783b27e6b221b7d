// The officer's questions, one function each: prints the answer and gives the exit status (ask.h).
#pragma once

#include <string>
#include <vector>

#include "proxy/questions/ask.h"

namespace pgward::proxy {

struct WhoSaw {
  std::vector<std::string> subjects;
};
int who_saw(const Asking& asking, const WhoSaw& wanted);
// 45 CFR 164.528: what was disclosed of one person, to whom, when, for what.
int accounting(const Asking& asking, const WhoSaw& wanted);

struct WhatDid {
  std::string user, issuer;
};
int what_did(const Asking& asking, const WhatDid& wanted);

struct Breach {
  std::string user, credential, discovered;
};
int breach(const Asking& asking, const Breach& wanted);

struct History {
  std::string table, record;
};
int history(const Asking& asking, const History& wanted);

struct Query {
  std::vector<std::string> types;
  std::string user, session, credential, table, action, op, sqlstate, phi, address;
};
int query(const Asking& asking, const Query& wanted);

struct Logins {
  bool failed = false;
  std::vector<std::string> by;  // user, ip, reason, day
};
int logins(const Asking& asking, const Logins& wanted);

struct Coverage {
  std::string dsn;
};
int coverage(const Asking& asking, const Coverage& wanted);

struct Sample {
  std::size_t count = 25;
  std::string seed;  // empty: a new one
};
int sample(const Asking& asking, const Sample& wanted);

struct Review {
  std::string hours = "07:00-19:00";       // work, by the clock of this computer
  std::size_t people_a_day = 200, refusals = 10, failures = 10;
  std::vector<std::string> watched;        // keys of people
  std::string own;                         // a file: USER KEY a line
  std::int64_t overdue_hours = 72;
  bool overdue = false;
  std::string sign_case, result;
};
int review(const Asking& asking, const Review& wanted);
int sign_review(const Asking& asking, const Review& wanted);

}  // namespace pgward::proxy
