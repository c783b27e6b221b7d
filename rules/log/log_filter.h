// Takes values of people out of log lines: one line in, one line out, whatever the format of each is.
//
// line() for every line in the order of the log: entries of PostgreSQL go over several lines, so the
// filter remembers what kind of entry it is in, and nothing else. A line of a new entry ends an old one,
// so that a filter which joins a log in the middle soon knows where it is.
//
// Made once for a thread; LogBooks is shared. Any bytes are welcome; time is linear in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/log/log_rules.h"
#include "rules/log/sink.h"

namespace pgward::rules {

// Everything that is read once: rules, PostgreSQL's messages.
class LogBooks {
 public:
  // The rules may be given words and keys of a policy before.
  explicit LogBooks(std::unique_ptr<LogRules> rules);
  ~LogBooks();
  const LogRules& rules() const { return *rules_; }

 private:
  friend class LogFilter;
  std::unique_ptr<LogRules> rules_;
  std::unique_ptr<const struct PgBooks> pg_;
};

struct LogFilterOptions {
  const Pseudonyms* pseudonyms = nullptr;
  RemovalWatcher* watcher = nullptr;
};

class LogFilter {
 public:
  // Of a longer line the rest is removed: what an entry of this size holds is data.
  static constexpr std::size_t kLineBytesMax = 4u << 20;

  explicit LogFilter(const LogBooks& books, LogFilterOptions options = {});
  ~LogFilter();
  LogFilter(const LogFilter&) = delete;
  LogFilter& operator=(const LogFilter&) = delete;

  // Appends the line without its values to `out`; neither has a line break. `rest_bytes`: how much of the
  // line was not handed over, beyond kLineBytesMax; `rest_quotes` of them are double quotes.
  void line(std::string_view text, std::string& out, std::size_t rest_bytes = 0, std::size_t rest_quotes = 0);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pgward::rules
