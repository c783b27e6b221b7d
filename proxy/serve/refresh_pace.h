// When the catalogs are to be read again: at an interval, soon after DDL went through, and after a statement
// named what the catalog does not know, but then not more often than every few seconds, or anybody with a
// misspelled name could keep the database busy with it.
//
//   begun() when a reading starts, done() when it has ended; due() says when the next one is wanted.
//
// What is suspected while a reading is going on asks for another one: the first may have looked too early.
// Times are milliseconds of a steady clock.
#pragma once

#include <algorithm>
#include <cstdint>

namespace pgward::proxy {

class RefreshPace {
 public:
  static constexpr std::int64_t kAfterDdlMs = 100;
  static constexpr std::int64_t kAfterMissMs = 5'000;
  static constexpr std::int64_t kUnreadMs = 2'000;

  RefreshPace(std::int64_t interval_ms, std::int64_t now) : interval_ms_(interval_ms), last_(now) {}

  void suspect_ddl() { ddl_ = true; }
  void suspect_miss() { miss_ = true; }
  // Some catalog could not be read: sooner than usual, databases that are not served should be.
  void unread(bool any) { unread_ = any; }
  void begun() { ddl_ = miss_ = false; }
  void done(std::int64_t now) { last_ = now; }

  std::int64_t due() const {
    std::int64_t wait = interval_ms_;
    if (unread_) wait = std::min(wait, kUnreadMs);
    if (miss_) wait = std::min(wait, kAfterMissMs);
    if (ddl_) wait = std::min(wait, kAfterDdlMs);
    return last_ + wait;
  }

 private:
  std::int64_t interval_ms_;
  std::int64_t last_;
  bool ddl_ = false;
  bool miss_ = false;
  bool unread_ = false;
};

}  // namespace pgward::proxy
