#include "proxy/net/login_failures.h"

#include <algorithm>

namespace pgward::proxy {

std::int64_t LoginFailures::count(const std::string& key, std::int64_t now_s) {
  Row& row = rows_[key];
  if (now_s - row.last_s >= kForgottenAfterS || now_s < row.last_s) row.failures = 0;
  row.last_s = now_s;
  const unsigned doublings = std::min(row.failures, 20u);
  ++row.failures;
  return std::min(limits_.delay_s << doublings, limits_.delay_max_s);
}

void LoginFailures::forget(std::int64_t now_s) {
  std::erase_if(rows_, [&](const auto& row) { return now_s - row.second.last_s >= kForgottenAfterS; });
  // Whoever comes from that many addresses is not slowed down by a list of them.
  if (rows_.size() >= kRememberedMax) rows_.clear();
}

std::int64_t LoginFailures::failed(const std::string& address, const std::string& user, std::int64_t now_s) {
  if (limits_.delay_s <= 0) return 0;
  const std::lock_guard lock(mutex_);
  if (rows_.size() + 2 > kRememberedMax) forget(now_s);
  // The name is what the client typed, of any length: 64 bytes of it tell enough.
  return std::max(count("a" + address, now_s), count("u" + user.substr(0, 64), now_s));
}

}  // namespace pgward::proxy
