#include "rules/log/app_text.h"

#include <algorithm>
#include <array>

#include "rules/log/bytes.h"
#include "rules/log/json_text.h"

namespace pgward::rules {
namespace {

constexpr int kDepthMax = 4;
constexpr int kColonsMax = 8;
constexpr int kMessagesMax = 8;
constexpr int kSearchesMax = 4;  // each reads all of the text
constexpr int kCommandSearchesMax = 64;

// What stands in front of a message that a driver hands on: "...Exception: ", "ERROR: ", "UniqueViolation: ".
bool announces_message(std::string_view front) {
  const auto word_begin = front.find_last_of(" .\"'[(:\t");
  const auto word = front.substr(word_begin == front.npos ? 0 : word_begin + 1);
  constexpr std::array<std::string_view, 10> kEnds{"error",   "exception", "violation", "fatal", "detail",
                                                   "warning", "notice",    "data",      "msg",   "message"};
  const bytes::Lower lower{word};
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return lower.view().ends_with(end); }) ||
         word.ends_with("Representation") || word.ends_with("OutOfRange") || word.ends_with("Overflow");
}

// ' Position: 37', "; SQLState: 22P02", ' (SQLSTATE 23505)': behind the message.
std::size_t message_end(std::string_view text) {
  std::size_t end = text.size();
  for (std::string_view tail : {" Position: ", "; SQLState", "; state ", " (SQLSTATE ",
                                "  Detail: ", " Detail: ", "  Hint: ", "\\n", "; nested exception", "\\r"})
    end = std::min(end, text.find(tail));
  return end;
}

constexpr std::size_t kClauseBytesMax = 65536;  // between the command and the word it needs

constexpr std::size_t kUpdateBytesMax = 160;  // between UPDATE and SET is only the table

struct Command {
  std::string_view word, next, needs;  // in lower case
};

constexpr std::array kCommands{Command{"select", "", " from "}, Command{"insert", "into", ""},
                               Command{"update", "", " set "},  Command{"delete", "from", ""},
                               Command{"merge", "into", ""},    Command{"call", "", "("}};

bool contains_folded(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return bytes::to_lower(a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

// Whether the command that ends at `end` is one: behind it stands what it cannot be without.
bool is_statement(std::string_view text, std::size_t end, const Command& command) {
  if (end >= text.size() || !bytes::is_space(text[end])) return false;
  const auto rest = text.substr(end, kClauseBytesMax);
  if (!command.next.empty()) {
    const auto begin = bytes::run(rest, 0, bytes::space);
    return bytes::Lower{rest.substr(begin, bytes::word_end(rest, begin) - begin)}.view() == command.next;
  }
  if (command.word == "call") {  // CALL name(...), not "Call (212) 555-0147"
    const auto at_name = bytes::run(rest, 0, bytes::space);
    auto end_name = at_name;
    while (end_name < rest.size() && (bytes::is_word(rest[end_name]) || rest[end_name] == '.')) ++end_name;
    return end_name > at_name && end_name < rest.size() && rest[end_name] == '(';
  }
  return contains_folded(command.word == "update" ? rest.substr(0, kUpdateBytesMax) : rest, command.needs);
}

// Where a statement begins; npos when there is none.
std::size_t find_statement(std::string_view text) {
  int searches = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!bytes::is_letter(text[at])) {
      ++at;
      continue;
    }
    const auto end = bytes::word_end(text, at);
    if (end - at >= 4 && end - at <= 6 && (at == 0 || !bytes::is_word(text[at - 1]))) {
      const bytes::Lower word{text.substr(at, end - at)};
      for (const Command& command : kCommands) {
        if (word.view() != command.word) continue;
        if (is_statement(text, end, command)) return at;
        if (++searches == kCommandSearchesMax) return text.npos;
      }
    }
    at = end;
  }
  return text.npos;
}

// Where a JSON object, or a list of them, begins.
std::size_t find_json(std::string_view text, std::size_t from) {
  for (auto at = bytes::find_one_of<'{', '['>(text, from); at != text.npos;
       at = bytes::find_one_of<'{', '['>(text, at + 1)) {
    const auto next = bytes::run(text.substr(0, at + 64), at + 1, bytes::space);
    if (next >= text.size()) return text.npos;
    if ((text[at] == '{' && text[next] == '"') || (text[at] == '[' && text[next] == '{')) return at;
  }
  return text.npos;
}

bool speaks_of_parameters(std::string_view text) {
  for (std::string_view word : {"arameters", "params", "binding", "generated in ", "cached since ",
                                "args=", "Bind", "bindings", "values:", "no key"})
    if (text.find(word) != text.npos) return true;
  return false;
}

}  // namespace

void AppText::write(std::string_view text, int depth) {
  if (depth > kDepthMax) return sink_.remove("nested text", "text", text);
  for (int messages = 0; messages < kMessagesMax; ++messages) {
    const auto taken = write_pg_message(text);
    if (taken == 0) break;
    text.remove_prefix(taken);
  }
  // What comes first is what holds the other: SQL with JSON in a literal, or JSON with SQL in a string.
  int searches = 0;
  auto sql = find_statement(text);
  for (std::size_t at = 0; at < text.size();) {
    const auto json = find_json(text, at);
    if (sql != text.npos && sql < at) {
      sql = ++searches < kSearchesMax ? find_statement(text.substr(at)) : text.npos;
      if (sql != text.npos) sql += at;
    }
    if (sql < json) {
      write_flat(text.substr(at, sql - at));
      return pg_.write_sql(text.substr(sql));
    }
    write_flat(text.substr(at, json == text.npos ? json : json - at));
    if (json == text.npos) return;
    at = json + json_.write(text.substr(json), depth + 1);
  }
}

void AppText::write_flat(std::string_view text) {
  if (!text.empty() && !write_parameters(text)) plain_.write(text);
}

std::size_t AppText::write_pg_message(std::string_view text) {
  int colons = 0;
  for (auto at = text.find(": "); at != text.npos && colons < kColonsMax;
       at = text.find(": ", at + 1), ++colons) {
    if (!announces_message(text.substr(0, at))) continue;
    const auto begin = bytes::run(text, at + 2, bytes::space);
    const auto rest = text.substr(begin);
    auto end = message_end(rest);
    std::string out;
    bool known = false;
    {
      Sink::Aside aside{sink_, out, rest.substr(0, end)};
      known = pg_.write_if_known(rest.substr(0, end));
      if (!known && end > 0 && (rest[end - 1] == '"' || rest[end - 1] == '\''))
        known = pg_.write_if_known(rest.substr(0, --end));
    }
    if (!known) continue;
    write_flat(text.substr(0, begin));
    sink_.keep(out);
    return begin + end;
  }
  return 0;
}

// Values that a driver or ORM shows beside its statement: ('Adalyn', '1962-01-02', 4711).
bool AppText::write_parameters(std::string_view text) {
  if (!speaks_of_parameters(text)) return false;
  auto at = text.find_first_of("([{");
  while (at != text.npos) {
    const auto next = bytes::run(text, at + 1, bytes::space);
    if (next < text.size() &&
        (text[next] == '\'' || text[next] == '"' || text.substr(next).starts_with("datetime") ||
         text.substr(next).starts_with("Decimal") || text.substr(next).starts_with("None") ||
         text.substr(next).starts_with("UUID(")))
      break;
    at = text.find_first_of("([{", at + 1);
  }
  if (at == text.npos) return false;
  plain_.write(text.substr(0, at));
  auto rest = text.substr(at);
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '\'' || c == '"') {
      auto end = std::size_t{1};
      while (end < rest.size() && rest[end] != c) end += rest[end] == '\\' ? 2 : 1;
      end = std::min(end, rest.size());
      sink_.keep(c);
      const auto value = rest.substr(1, end - 1);
      // a key of a dictionary stays: {'mrn': '123'}
      const bool is_key = end + 1 < rest.size() && rest[end + 1] == ':' && is_program_name(value);
      if (is_key)
        sink_.keep(value);
      else
        sink_.remove("parameter", kind_of_value(value), value);
      rest.remove_prefix(end);
      if (!rest.empty()) {
        sink_.keep(c);
        rest.remove_prefix(1);
      }
    } else if (bytes::is_digit(c)) {
      auto end = bytes::run(rest, 0, bytes::digit);
      while (end + 1 < rest.size() && (rest[end] == ',' || rest[end] == '.') &&
             rest.substr(end + 1).starts_with(' ') == false && bytes::is_digit(rest[end + 1]))
        end = bytes::run(rest, end + 1, bytes::digit);
      sink_.remove("parameter", "number", rest.substr(0, end));
      rest.remove_prefix(end);
    } else {
      auto end = bytes::is_word(c) ? bytes::word_end(rest, 0) : 1;
      sink_.keep(rest.substr(0, end));
      rest.remove_prefix(end);
    }
  }
  return true;
}

}  // namespace pgward::rules
