#include "audit/retention.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "audit/index/shelf.h"
#include "audit/json_text.h"
#include "audit/line_reader.h"
#include "audit/log_record.h"
#include "audit/private_file.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHolds = "holds";
constexpr const char* kPurged = "purged";

struct FirstLine {
  std::int64_t time_us = 0;
  std::uint64_t before = 0;  // records before it
  std::string head, root;    // of those; empty in the first segment
};

std::optional<FirstLine> first_line(int directory, SegmentNumber number) {
  LineReader reader(directory, segment_name(number));
  const auto piece = reader.next();
  if (piece.kind != LineReader::Kind::whole) return std::nullopt;
  const auto parsed = parse_line(piece.text);
  const auto* line = std::get_if<Line>(&parsed);
  const std::size_t ts = piece.text.find("\"ts\":\"");
  const auto time = line ? timestamp_us(piece.text.substr(std::min(ts + 6, piece.text.size()), kTimestampChars)) : std::nullopt;
  if (!time) return std::nullopt;
  FirstLine found{*time, line->seq - 1, std::string(line->prev), {}};
  if (number > 1) {
    const auto tree = tree_of_rotate(*line, segment_name(number), segment_name(number - 1));
    if (!tree) return std::nullopt;
    found.root = hex_of(tree->root());
  }
  return found;
}

bool held(const std::vector<Hold>& holds, std::int64_t from_us, std::int64_t to_us) {
  return std::any_of(holds.begin(), holds.end(), [&](const Hold& hold) { return hold.from_us <= to_us && hold.to_us >= from_us; });
}

std::string time_text(std::int64_t time_us) {
  std::string text;
  append_timestamp(text, time_us);
  return text;
}

std::string line_of(const Hold& hold) {
  std::string line = "{";
  JsonMembers{line}.text("name", hold.name).text("from", time_text(hold.from_us)).text("to", time_text(hold.to_us)).text("reason", hold.reason);
  return line + "}\n";
}

std::optional<Hold> hold_in(const std::string& line) {
  const auto entry = nlohmann::json::parse(line, nullptr, false);
  const auto text = [&](const char* member) { return entry.is_object() && entry.contains(member) && entry[member].is_string() ? entry[member].get<std::string>() : ""; };
  const auto from = timestamp_us(text("from")), to = timestamp_us(text("to"));
  if (text("name").empty() || !from || !to) return std::nullopt;
  return Hold{text("name"), text("reason"), *from, *to};
}

}  // namespace

std::variant<std::vector<Hold>, std::string> read_holds(const fs::path& log) {
  auto text = read_private_file(log / kHolds);
  if (auto* wrong = std::get_if<std::string>(&text)) return std::move(*wrong);
  std::vector<Hold> holds;
  std::istringstream lines(std::get<std::optional<std::string>>(text).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    auto hold = hold_in(line);
    if (!hold) return (log / kHolds).string() + ":" + std::to_string(holds.size() + 1) + ": is no hold";
    holds.push_back(std::move(*hold));
  }
  return holds;
}

std::string write_hold(const fs::path& log, const std::string& name, const std::optional<Hold>& hold) {
  auto known = read_holds(log);
  if (auto* wrong = std::get_if<std::string>(&known)) return std::move(*wrong);
  auto& holds = std::get<std::vector<Hold>>(known);
  const auto gone = std::erase_if(holds, [&](const Hold& one) { return one.name == name; });
  if (hold) holds.push_back(*hold);
  else if (gone == 0) return "there is no hold of this name";
  std::string text;
  for (const Hold& one : holds) text += line_of(one);
  return write_private_file(log / kHolds, text);
}

std::optional<Purge> purge_due(const fs::path& log, std::int64_t before_us, const std::vector<Hold>& holds,
                               const std::function<bool(SegmentNumber)>& kept) {
  std::error_code error;
  const auto segments = list_segments(log, error);
  const Fd directory(::open(log.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::optional<Purge> due;
  auto first = directory && !segments.empty() ? first_line(directory.get(), segments.front()) : std::nullopt;
  for (std::size_t n = 0; first && n + 1 < segments.size(); ++n) {
    // All of this segment is older than what the next one begins with.
    auto next = first_line(directory.get(), segments[n + 1]);
    if (!next || next->time_us >= before_us || held(holds, first->time_us, next->time_us) || (kept && kept(segments[n]))) break;
    due = Purge{segments[n], next->before, next->head, next->root};
    first = std::move(next);
  }
  return due;
}

std::string retention_purge(const Purge& purge) {
  std::string out;
  JsonMembers{out}.text("type", "retention.purge").text("through", segment_name(purge.through)).number("size", purge.size).text("head", purge.head).text("root", purge.root);
  return out;
}

std::string purge(const fs::path& log, const Purge& purge) {
  if (auto wrong = write_private_file(log / kPurged, "{" + retention_purge(purge) + "}\n"); !wrong.empty()) return wrong;
  std::error_code error;
  for (const SegmentNumber number : list_segments(log, error)) {
    if (number > purge.through) break;
    // From the front, so that what is left has no gap wherever this ends; and first what tells of people.
    remove_index(log, number);
    for (const std::string& name : {segment_name(number), segment_name(number) + ".gz"})
      if (fs::remove(log / name, error); error) return (log / name).string() + ": " + error.message();
  }
  return error ? log.string() + ": " + error.message() : "";
}

std::optional<Purge> last_purge(const fs::path& log) {
  const auto text = read_private_file(log / kPurged);
  const auto* there = std::get_if<std::optional<std::string>>(&text);
  if (!there || !*there) return std::nullopt;
  std::string_view members(**there);
  if (!members.starts_with('{') || !members.ends_with("}\n")) return std::nullopt;
  return purge_in(members.substr(1, members.size() - 3));
}

std::optional<Purge> purge_in(std::string_view members) {
  const auto entry = nlohmann::json::parse("{" + std::string(members) + "}", nullptr, false);
  if (!entry.is_object() || !entry.contains("through") || !entry["through"].is_string() || !entry.contains("size") || !entry["size"].is_number_unsigned()) return std::nullopt;
  const auto through = segment_number(entry["through"].get<std::string>());
  if (!through) return std::nullopt;
  return Purge{*through, entry["size"], entry.value("head", ""), entry.value("root", "")};
}

}  // namespace pgward::audit
