// Slows down whoever fails to log in: the answer to a failure waits, longer with each failure of the same address or under
// the same name, and everybody's failures wait as long whatever was wrong. A right credential never waits, so nobody can
// lock out somebody else by failing in their name.
//
//   delay_s = failures.failed(address, user, now)    the failure's answer goes out that much later
//
// Shared by all reactors. Bounded: an address that has been quiet for a while is forgotten, and where very many fail at
// once, the oldest are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace pgward::proxy {

struct FailureLimits {
  std::int64_t delay_s = 1;  // of the first; doubled with each. 0: no answer waits
  std::int64_t delay_max_s = 8;
};

class LoginFailures {
 public:
  static constexpr std::int64_t kForgottenAfterS = 60;
  static constexpr std::size_t kRememberedMax = 20'000;

  explicit LoginFailures(FailureLimits limits) : limits_(limits) {}
  std::int64_t failed(const std::string& address, const std::string& user, std::int64_t now_s);

 private:
  struct Row {
    unsigned failures = 0;
    std::int64_t last_s = 0;
  };
  std::int64_t count(const std::string& key, std::int64_t now_s);
  void forget(std::int64_t now_s);

  FailureLimits limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, Row> rows_;
};

}  // namespace pgward::proxy
