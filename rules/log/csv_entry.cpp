#include "rules/log/csv_entry.h"

#include <algorithm>
#include <array>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

// The fields that are not as they are, counted from 0.
enum : int {
  kUser = 1,
  kDatabase = 2,
  kFrom = 4,
  kSeverity = 11,
  kState = 12,
  kMessage = 13,
  kDetail = 14,
  kHint = 15,
  kInternalQuery = 16,
  kContext = 18,
  kQuery = 19,
  kApplication = 22,
  kQueryId = 25,
  kUnknown = -1000
};

// "2026-11-22 04:57:54.729 UTC,"
bool begins_with_time(std::string_view line) {
  if (line.size() < 24 || !bytes::is_digit(line[0]) || line[4] != '-' || line[7] != '-' || line[10] != ' ' ||
      line[13] != ':')
    return false;
  const auto comma = line.find(',');
  return comma != line.npos && comma >= 20 && comma < 40;
}

// The end of a quoted field: its closing quote, npos when it is on another line.
std::size_t closing_quote(std::string_view line, std::size_t at) {
  for (at = line.find('"', at); at != line.npos; at = line.find('"', at + 2))
    if (at + 1 >= line.size() || line[at + 1] != '"') return at;
  return at;
}

// What the server writes without quotes: times, numbers, a session's number, an SQLSTATE. A word of people has letters
// behind f in lower case, or is behind a quote that nobody opened.
constexpr std::array<bool, 256> kBare = [] {
  std::array<bool, 256> bare{};
  for (unsigned c = 0; c < 256; ++c) bare[c] = (bytes::kClasses[c] & (bytes::digit | bytes::upper | bytes::hex)) != 0;
  for (const unsigned char c : {' ', '.', ':', '/', '-', '+', '<', '>'}) bare[c] = true;
  return bare;
}();

bool is_bare_field(std::string_view field) {
  unsigned all = 1;
  for (const char c : field) all &= kBare[static_cast<unsigned char>(c)] ? 1U : 0U;
  return all != 0;
}

}  // namespace

bool CsvEntry::begins(std::string_view line) {
  if (!begins_with_time(line)) return false;
  std::size_t commas = 0;
  for (std::size_t at = 20; at < line.size() && at < 400; ++at)
    if (line[at] == ',' && ++commas == 5) return true;
  return false;
}

bool CsvEntry::ends_unseen(std::string_view line) {
  const auto tail = line.substr(line.size() > 200 ? line.size() - 200 : 0);
  return tail.find("\",,") != tail.npos &&
         (tail.find(",\"client backend\",") != tail.npos || tail.find(",,,,") != tail.npos);
}

void CsvEntry::write(std::string_view line, bool is_new) {
  if (is_new) {
    number_ = 0;
    open_ = false;
    severity_.clear();
    sqlstate_.clear();
    pg_.forget();
  } else if (!open_) {
    number_ = kUnknown;
    open_ = true;
    pg_.forget();
  }
  write_fields(line);
}

void CsvEntry::write_fields(std::string_view line) {
  bool behind_quote = false;  // no comma since: this is no csvlog, or an entry that was cut
  if (open_) {
    const auto end = closing_quote(line, 0);
    write_field(line.substr(0, end), false);
    if (end == line.npos) return;
    sink_.pass(line.substr(end, 1));
    open_ = false;
    behind_quote = true;
    line.remove_prefix(end + 1);
  }
  while (!line.empty()) {
    if (line.front() == ',') {
      behind_quote = false;
      ++number_;
      sink_.pass(line.substr(0, 1));
      line.remove_prefix(1);
    } else if (line.front() == '"') {
      const auto end = closing_quote(line, 1);
      sink_.pass(line.substr(0, 1));
      write_field(line.substr(1, end == line.npos ? end : end - 1), true);
      open_ = end == line.npos;
      if (open_) return;
      sink_.pass(line.substr(end, 1));
      behind_quote = true;
      line.remove_prefix(end + 1);
    } else {
      const auto end = std::min(bytes::find_one_of<',', '"'>(line), line.size());
      const auto field = line.substr(0, end);
      if (number_ == kSeverity) severity_ = field;
      if (number_ == kState) sqlstate_ = field;
      const bool plain = !behind_quote && (is_bare_field(field) || (number_ == kSeverity && pg_.texts().is_severity(field)));
      if (plain)
        sink_.pass(field);
      else
        plain_.write_unknown(field);
      behind_quote = false;
      line.remove_prefix(end);
    }
  }
}

void CsvEntry::write_field(std::string_view raw, bool first_line) {
  // A name does not go over lines: this entry was cut, and what comes is of another
  if (number_ > kQueryId || (!first_line && number_ >= 0 && (number_ < kMessage || number_ > kQuery)))
    return plain_.write_unknown(raw);
  LogField field = LogField::message;
  switch (number_) {
    case kMessage:
      break;
    case kDetail:
      field = LogField::detail;
      break;
    case kHint:
      field = LogField::hint;
      break;
    case kContext:
      field = LogField::context;
      break;
    case kInternalQuery:
    case kQuery:
      field = LogField::statement;
      break;
    case kFrom:
      if (raw.empty() || raw == "[local]" || is_private_ipv4(raw.substr(0, raw.rfind(':'))))
        return sink_.pass(raw);
      return plain_.write(raw);
    case kApplication:
      return plain_.write(raw);
    default:
      if (number_ >= 0) return sink_.pass(raw);
  }
  if (raw.empty()) return;
  const auto give = [&](std::string_view text) {
    if (first_line && number_ >= 0)
      pg_.write(field, severity_, sqlstate_, text);
    else
      pg_.go_on(text);
  };
  if (raw.find('"') == raw.npos) return give(raw);
  plain_text_.clear();
  out_.clear();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    plain_text_ += raw[at];
    if (raw[at] == '"' && at + 1 < raw.size() && raw[at + 1] == '"') ++at;
  }
  {
    Sink::Aside aside{sink_, out_, raw};
    give(plain_text_);
  }
  for (const char c : out_) {
    sink_.keep(c);
    if (c == '"') sink_.keep(c);
  }
}

}  // namespace pgward::rules
