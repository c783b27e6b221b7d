// Reads rules/packs/log_texts.rules.
#include "rules/log/bytes.h"
#include "rules/log/pg_message.h"
#include "rules/packs.h"

namespace pgward::rules {
namespace {

constexpr std::array<std::pair<std::string_view, LogField>, 6> kFields{{{"detail", LogField::detail},
                                                                        {"hint", LogField::hint},
                                                                        {"context", LogField::context},
                                                                        {"query", LogField::statement},
                                                                        {"statement", LogField::statement},
                                                                        {"location", LogField::location}}};

std::string_view last_word(std::string_view text) {
  const auto gap = text.rfind(' ');
  return gap == text.npos ? text : text.substr(gap + 1);
}

std::string_view take_word(std::string_view& line) {
  const auto gap = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, gap);
  line.remove_prefix(std::min(gap + 1, line.size()));
  return word;
}

constexpr std::array<std::string_view, 38> kCommands{
    "select",  "insert",  "update",  "delete",  "with",   "begin",    "commit",  "copy",
    "create",  "alter",   "drop",    "set",     "call",   "do",       "merge",   "truncate",
    "grant",   "revoke",  "explain", "declare", "fetch",  "move",     "prepare", "execute",
    "show",    "lock",    "listen",  "notify",  "start",  "rollback", "close",   "savepoint",
    "release", "discard", "reset",   "refresh", "values", "table"};

bool begins_with_command(std::string_view text) {
  const auto end = bytes::word_end(text, 0);
  if (end < 2 || end > 9) return text.starts_with("--") || text.starts_with("/*");
  const bytes::Lower word{text.substr(0, end)};
  for (const auto command : kCommands)
    if (command == word.view()) return true;
  return false;
}

}  // namespace

LogTexts::LogTexts() {
  for_each_line(kLogTextPack, [&](std::string_view line) {
    const auto what = take_word(line);
    if (what == "position") {
      const auto at = line.find("%d");
      if (at != line.npos) positions_.emplace_back(line.substr(0, at), line.substr(at + 2));
      return;
    }
    const auto kind = take_word(line);
    if (what == "label") {
      for (const auto& [name, field] : kFields)
        if (kind == name) labels_.insert(last_word(line), field);
      if (kind == "log") log_severities_.insert(line);
    } else if (kind == "statement") {
      if (!line.empty()) statements_[static_cast<unsigned char>(line.front())].push_back(line);
    } else if (kind == "duration") {
      if (!line.empty()) durations_[static_cast<unsigned char>(line.front())].push_back(line);
    }
  });
  for_each_line(kBuiltinPack, [&](std::string_view line) {
    if (line.starts_with("severity ")) severities_.insert(line.substr(9));
  });
}

std::size_t LogTexts::sql_in(std::string_view text) const {
  if (text.starts_with("statement: ")) return 11;
  if (text.empty()) return text.npos;
  const auto first = static_cast<unsigned char>(text.front());
  for (const auto front : statements_[first])
    if (text.starts_with(front)) return front.size();
  if (text.starts_with("execute ")) {
    const auto colon = text.find(": ");
    return colon == text.npos ? colon : colon + 2;
  }
  for (const auto front : durations_[first]) {
    if (!text.starts_with(front)) continue;
    // "duration: 0.083 ms  bind <unnamed>: SELECT": behind the unit
    auto at = bytes::run(text, front.size(), bytes::digit);
    while (at < text.size() && (text[at] == '.' || bytes::is_digit(text[at]))) ++at;
    const auto colon = text.find(": ", at);
    return colon == text.npos ? text.size() : colon + 2;
  }
  const auto colon = text.find(": ");
  return colon != text.npos && begins_with_command(text.substr(colon + 2)) ? colon + 2 : text.npos;
}

std::size_t LogTexts::position_suffix(std::string_view text) const {
  if (text.size() < 4 ||
      (!bytes::is_digit(text.back()) && text.back() != ')' && !bytes::is(text.back(), bytes::high)))
    return 0;
  for (const auto& [front, back] : positions_) {
    if (!text.ends_with(back)) continue;
    auto at = text.size() - back.size();
    const auto digits_end = at;
    while (at > 0 && bytes::is_digit(text[at - 1])) --at;
    if (at < digits_end && text.substr(0, at).ends_with(front)) return text.size() - at + front.size();
  }
  return 0;
}

}  // namespace pgward::rules
