#include "audit/line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "audit/json_check.h"
#include "audit/json_text.h"
#include "audit/sha256.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

constexpr std::string_view kBegin = R"({"v":2,)", kLog = R"("log":")", kSeq = R"(","seq":)",
                           kTs = R"(,"ts":")", kAfterTs = R"(",)", kType = R"("type":")",
                           kPrev = R"(,"prev":")", kEnd = R"("})";

bool skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// A decimal number from 1 without leading zeros: one number has one spelling.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_log(std::string_view& text, Line& line) {
  const std::string_view whole = text;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_instance(text.substr(0, slash))) return false;
  text.remove_prefix(slash + 1);
  const auto start = take_number(text);
  if (!start) return false;
  line.start = *start;
  line.log = whole.substr(0, whole.size() - text.size());
  return true;
}

bool take_type(std::string_view members, Line& line) {
  if (!skip(members, kType)) return false;
  const std::size_t length = std::min(members.find('"'), members.size());
  line.type = members.substr(0, length);
  return length > 0 && length < members.size() && std::all_of(line.type.begin(), line.type.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || c == '.' || c == '_';
         });
}

}  // namespace

std::string_view text_of(LineFault fault) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(LineFault::count_)> kTexts{
      "does not begin as a record of this version does",
      "the name of the log is malformed",
      "the sequence number is malformed",
      "the time is malformed",
      "the type is missing or malformed",
      "does not end with the hash of the record before it",
      "is not well-formed JSON in UTF-8"};
  return kTexts[static_cast<std::size_t>(fault)];
}

std::variant<Line, LineFault> parse_line(std::string_view text) {
  Line line;
  if (!skip(text, kBegin)) return LineFault::version;
  if (!skip(text, kLog) || !take_log(text, line)) return LineFault::log;
  if (!skip(text, kSeq)) return LineFault::seq;
  const auto seq = take_number(text);
  if (!seq) return LineFault::seq;
  line.seq = *seq;
  if (!skip(text, kTs) || !is_timestamp(text.substr(0, kTimestampChars))) return LineFault::ts;
  text.remove_prefix(kTimestampChars);
  if (!skip(text, kAfterTs)) return LineFault::ts;

  constexpr std::size_t kTail = kPrev.size() + kHashChars + kEnd.size();
  if (text.size() < kTail) return LineFault::prev;
  std::string_view tail = text.substr(text.size() - kTail);
  line.members = text.substr(0, text.size() - kTail);
  line.prev = tail.substr(kPrev.size(), kHashChars);
  const auto prev = hash_of(line.prev);
  if (!tail.starts_with(kPrev) || !tail.ends_with(kEnd) || !prev) return LineFault::prev;
  line.prev_hash = *prev;
  if (!take_type(line.members, line)) return LineFault::type;
  return line;
}

std::variant<Line, LineFault> parse_whole_line(std::string_view text) {
  auto parsed = parse_line(text);
  if (std::holds_alternative<Line>(parsed) && !is_json(text)) return LineFault::json;
  return parsed;
}

void append_line(std::string& out, const Line& line, std::int64_t now_us) {
  out += kBegin;
  out += kLog;
  out += line.log;
  out += kSeq;
  append_number(out, line.seq);
  out += kTs;
  append_timestamp(out, now_us);
  out += kAfterTs;
  out += line.members;
  out += kPrev;
  out += line.prev;
  out += kEnd;
}

bool is_instance(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace pgward::audit
