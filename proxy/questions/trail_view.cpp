#include "proxy/questions/trail_view.h"

#include <algorithm>
#include <stdexcept>

#include "audit/depth.h"
#include "audit/timestamp.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kSessionsKept = 4096;
constexpr std::size_t kEndsRead = 8;  // records of a statement: its outcome is the last, or one of the last
constexpr std::size_t kRecordsKept = 2048;
constexpr std::size_t kDepthMax = 64;

bool tells(const std::string& type) { return type == "stmt.intent" || type == "stmt.read"; }
bool begins(const std::string& type) { return tells(type) || type == "stmt.deny"; }

std::runtime_error unreadable(std::uint64_t seq) { return std::runtime_error("record " + std::to_string(seq) + " is in the index and cannot be read"); }

}  // namespace

std::string text_in(const Json& record, const char* member) {
  const auto found = record.is_object() ? record.find(member) : record.end();
  return record.is_object() && found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string text_in(const Json& record, const char* object, const char* member) {
  if (!record.is_object()) return "";
  const auto found = record.find(object);
  return found != record.end() ? text_in(*found, member) : "";
}

std::uint64_t number_in(const Json& record, const char* member) {
  if (!record.is_object()) return 0;
  const auto found = record.find(member);
  return found != record.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::int64_t time_of(const Json& record) { return audit::timestamp_us(text_in(record, "ts")).value_or(0); }

std::string tenant_of(const Json& record) {
  const auto tenant = record.is_object() ? record.find("tenant") : record.end();
  if (!record.is_object() || tenant == record.end()) return "";
  if (tenant->is_string()) return tenant->get<std::string>();
  std::string all;
  if (tenant->is_object())
    for (const auto& [name, value] : tenant->items())
      all.append(all.empty() ? "" : " ").append(name).append("=").append(value.is_string() ? value.get<std::string>() : value.dump());
  return all;
}

std::variant<TrailView, std::string> TrailView::open(const std::filesystem::path& directory, std::function<void(const std::string&)> tell) {
  audit::IndexShelf::Config config;
  config.tell = std::move(tell);
  auto opened = audit::IndexShelf::open(directory, std::move(config));
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  return TrailView(directory, std::move(std::get<audit::IndexShelf>(opened)));
}

void TrailView::forget_some() {
  if (kept_.size() > kRecordsKept) kept_.clear();
}

const Json& TrailView::plain(std::uint64_t seq) {
  static const Json kNone;
  const auto found = kept_.find(seq);
  if (found != kept_.end()) return found->second.record;
  auto text = shelf_.line(seq);
  if (!text) return kNone;
  Kept& kept = kept_[seq];
  // What is deeper would be copied and printed by recursion.
  if (audit::within_depth(*text, kDepthMax)) kept.record = Json::parse(*text, nullptr, false);
  if (!kept.record.is_object()) kept.record = Json();
  kept.line = std::move(*text);
  return kept.record;
}

std::vector<audit::IndexHit> TrailView::find(audit::IndexKind kind, const audit::IndexKey& key, const audit::TimeRange& range) {
  std::vector<audit::IndexHit> hits;
  if (std::string wrong = shelf_.find(kind, key, range, hits); !wrong.empty()) throw std::runtime_error(wrong);
  return hits;
}

std::string TrailView::line(std::uint64_t seq) {
  auto line = shelf_.line(seq);
  if (!line) throw unreadable(seq);
  return std::move(*line);
}

const Json& TrailView::record(std::uint64_t seq) {
  forget_some();
  const Json& record = plain(seq);
  if (record.is_null()) throw unreadable(seq);
  return record;
}

// Back to where the session began.
const TrailView::Told& TrailView::told(const std::string& session, std::uint64_t seq) {
  if (const auto found = told_.find(session); found != told_.end() && found->second.through >= seq) return found->second;
  if (told_.size() > kSessionsKept) told_.clear();
  Told& told = told_[session] = {{}, shelf_.last_beside(seq)};
  bool begun = false;
  note(shelf_.find_backwards(audit::IndexKind::told, audit::key_of_session(session), seq, [&](const std::vector<audit::IndexHit>& hits) {
    told.all.insert(told.all.begin(), hits.begin(), hits.end());
    for (const audit::IndexHit& hit : hits) {
      if (hit.more != 0 || hit.seq > seq) continue;
      begun = begun || text_in(plain(hit.seq), "type") == "session.open";
    }
    return !begun;
  }));
  return told;
}

// No session, and no statement, outlives the pgward that it is of.
std::uint64_t TrailView::next_start(std::uint64_t seq) {
  if (!starts_) {
    starts_ = find(audit::IndexKind::type, audit::key_of_type("log.open"));
  }
  const auto next = std::find_if(starts_->begin(), starts_->end(), [&](const audit::IndexHit& hit) { return hit.seq > seq; });
  return next == starts_->end() ? shelf_.last_seq() : next->seq;
}

bool TrailView::is_last(const audit::IndexHit& hit) { return hit.more == 0 && text_in(plain(hit.seq), "type") == "session.close"; }

std::vector<std::uint64_t> TrailView::of_session(const std::string& session, std::uint64_t seq) {
  const audit::IndexKey id = audit::key_of_session(session);
  std::vector<std::uint64_t> all;
  bool begun = false, closed = false;
  const auto add = [&](const std::vector<audit::IndexHit>& hits) {
    for (const audit::IndexHit& hit : hits) all.push_back(hit.seq);
    closed = closed || is_last(hits.back());
  };
  note(shelf_.find_backwards(audit::IndexKind::session, id, seq, [&](const std::vector<audit::IndexHit>& hits) {
    add(hits);
    for (const audit::IndexHit& hit : hits) begun = begun || (hit.more == 0 && text_in(plain(hit.seq), "type") == "session.open");
    return !begun;
  }));
  if (!closed)
    note(shelf_.find_forwards(audit::IndexKind::session, id, seq, next_start(seq), [&](const std::vector<audit::IndexHit>& hits) {
      add(hits);
      return !closed;
    }));
  std::sort(all.begin(), all.end());
  return all;
}

// Of however many segments: one that takes long, or tells of many people, may begin and end far from this record.
std::vector<std::uint64_t> TrailView::parts_of(const std::string& session, std::uint64_t number, std::uint64_t seq) {
  const auto key = std::pair(session, number);
  if (const auto found = parts_.find(key); found != parts_.end()) return found->second;
  if (parts_.size() > kSessionsKept) parts_.clear();
  const auto low = static_cast<std::uint32_t>(number & 0xffff'ffff);
  const audit::IndexKey id = audit::key_of_session(session);
  std::vector<std::uint64_t> parts;
  bool begun = false, ended = false;
  // What a segment says is in order, and each call is about one.
  const auto add = [&](const std::vector<audit::IndexHit>& hits) {
    std::uint64_t first = 0, last = 0;
    for (const audit::IndexHit& hit : hits) {
      if (hit.more != low) continue;
      parts.push_back(hit.seq);
      if (first == 0) first = hit.seq;
      last = hit.seq;
    }
    begun = begun || (first != 0 && begins(text_in(plain(first), "type")));
    ended = ended || (last != 0 && plain(last).contains("sqlstate")) || is_last(hits.back());
  };
  note(shelf_.find_backwards(audit::IndexKind::session, id, seq, [&](const std::vector<audit::IndexHit>& hits) {
    add(hits);
    return !begun;
  }));
  if (!ended)
    note(shelf_.find_forwards(audit::IndexKind::session, id, seq, next_start(seq), [&](const std::vector<audit::IndexHit>& hits) {
      add(hits);
      return !ended;
    }));
  std::sort(parts.begin(), parts.end());
  return parts_[key] = std::move(parts);
}

// The records that this one leaves out what they said, in order.
std::vector<std::uint64_t> TrailView::context(const Json& record, std::uint64_t seq) {
  const std::string session = text_in(record, "session"), type = text_in(record, "type");
  std::vector<std::uint64_t> needed;
  if (session.empty()) return needed;
  const std::vector<audit::IndexHit>& all = told(session, seq).all;
  const auto latest = [&](std::uint64_t number) {
    std::uint64_t found = 0;
    for (const audit::IndexHit& hit : all)
      if (hit.seq < seq && hit.more == static_cast<std::uint32_t>(number & 0xffff'ffff)) found = hit.seq;
    return found;
  };
  for (const audit::IndexHit& hit : all)
    if (hit.more == 0 && hit.seq < seq) needed.push_back(hit.seq);
  std::uint64_t like = number_in(record, "like");
  const std::uint64_t number = number_in(record, "statement");
  if (number != 0 && !tells(type) && type != "stmt.deny") {
    for (const std::uint64_t part : parts_of(session, number, seq)) {
      if (part >= seq) break;
      const Json& earlier = plain(part);
      if (!tells(text_in(earlier, "type"))) continue;
      needed.push_back(part);
      like = number_in(earlier, "like");
      break;
    }
  }
  if (like != 0)
    if (const std::uint64_t full = latest(like); full != 0) needed.push_back(full);
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

audit::CompleteEvent TrailView::whole(std::uint64_t seq) {
  forget_some();
  auto event = completed(seq);
  if (!event) throw unreadable(seq);
  return std::move(*event);
}

std::optional<audit::CompleteEvent> TrailView::completed(std::uint64_t seq) {
  if (plain(seq).is_null()) return std::nullopt;
  audit::Completer completer(std::size_t{4} << 20);
  for (const std::uint64_t before : context(plain(seq), seq))
    if (!plain(before).is_null()) static_cast<void>(completer.feed(kept_[before].line));
  auto event = completer.feed(kept_[seq].line);
  auto* whole = std::get_if<audit::CompleteEvent>(&event);
  return whole != nullptr ? std::optional(std::move(*whole)) : std::nullopt;
}

std::optional<TrailView::Statement> TrailView::statement(std::uint64_t seq) {
  const Json& asked = record(seq);
  Statement found;
  found.session = text_in(asked, "session");
  found.number = number_in(asked, "statement");
  if (found.session.empty() || found.number == 0) return std::nullopt;
  found.parts = parts_of(found.session, found.number, seq);
  const bool whole = !found.parts.empty() && begins(text_in(plain(found.parts.front()), "type"));
  auto first = completed(whole ? found.parts.front() : seq);
  if (!first) throw unreadable(seq);
  found.record = std::move(first->record);
  for (std::size_t n = 0; n < std::min(kEndsRead, found.parts.size()); ++n) {
    const Json& last = plain(found.parts[found.parts.size() - 1 - n]);
    if (!last.is_object() || !last.contains("sqlstate")) continue;
    for (const char* member : {"rows", "sqlstate"})
      if (last.contains(member)) found.record[member] = last[member];
    break;
  }
  return found;
}

}  // namespace pgward::proxy
