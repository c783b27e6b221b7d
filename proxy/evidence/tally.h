// What a trail tells about some days, counted: people, log-ins, sessions, statements, refusals, samples.
//
//   Tally tally({from, to, samples, seed});
//   tally.take(event)      every record of the log in its order, also those before the days (a record may be about earlier ones)
//   tally.sections()       what index.html shows of it
//
// Holds names of people, roles, tables and kinds, as the log does, and nothing that the log does not.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/complete.h"
#include "proxy/evidence/section.h"

namespace pgward::proxy {

class Tally {
 public:
  struct Days {
    std::int64_t from_us = 0, to_us = 0;
    std::size_t samples = 25;
    std::uint64_t seed = 0;
  };
  explicit Tally(Days days) : days_(days), random_(days.seed) {}

  void take(const audit::CompleteEvent& event);

  std::uint64_t records() const { return records_; }  // within the days
  const std::set<std::string>& policies() const { return policies_; }
  const std::vector<std::string>& samples() const { return samples_; }
  std::vector<EvidenceSection> sections() const;

 private:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;
  struct Person {
    std::set<std::string> roles, tenants, addresses, applications;
    std::uint64_t sessions = 0, statements = 0, refused = 0;
    std::string first, last;
  };
  struct Touched {
    std::map<char, std::uint64_t> actions;
    Counts kinds, modes;
  };

  void session(const audit::CompleteEvent& event);
  void statement(const audit::CompleteEvent& event);
  void tables(const audit::CompleteEvent& event);
  void sample(const audit::CompleteEvent& event);
  Person* person(const audit::CompleteEvent& event);
  static void count(Counts& counts, std::string_view name);
  static EvidenceTable table(std::string caption, std::string column, const Counts& counts);
  EvidenceSection people_section() const;
  EvidenceSection log_in_section() const;
  EvidenceSection statement_section() const;

  Days days_;
  std::mt19937_64 random_;
  std::uint64_t records_ = 0, sampled_from_ = 0, unlisted_people_ = 0, incomplete_ = 0, plaintext_ = 0;
  std::int64_t longest_life_s_ = 0;
  std::map<std::string, Person> people_;
  Counts types_, credentials_, encryption_, roles_, failures_, ends_, operations_, outcomes_, refusals_;
  std::map<std::string, Touched> touched_;
  std::set<std::string> policies_;
  std::vector<std::string> samples_;
};

}  // namespace pgward::proxy
