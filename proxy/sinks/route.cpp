#include "proxy/sinks/route.h"

#include <algorithm>

#include "audit/sha256.h"
#include "audit/timestamp.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kParcelsMax = 1000, kBytesMax = std::size_t{1} << 20, kPassedMax = 20'000;

int severity_of(const audit::CompleteEvent& event) {
  if (event.type == "log.degraded" || event.type == "stmt.mismatch") return 3;
  if (event.type.starts_with("break_glass.") || event.type == "alert.failed" || event.type == "log.recover") return 4;
  return event.type == "stmt.deny" || event.type == "auth.fail" ? 5 : 6;
}

std::string numbered(std::string_view front, std::uint64_t seq, std::string_view end) {
  std::string text(front);
  text += std::to_string(seq);
  return text += end;
}

}  // namespace

bool Route::wanted(std::string_view type) const {
  if (place_.types.empty()) return true;
  for (const std::string_view one : place_.types)
    if (type == one || (type.starts_with(one) && (one.ends_with('.') || type[one.size()] == '.'))) return true;
  return false;
}

std::string Route::open(std::uint64_t durable) {
  follower_.reset();
  completer_.emplace();
  rest_.reset();
  if (!unsaved_) {
    auto read = read_cursor(cursor_file_);
    if (auto* wrong = std::get_if<std::string>(&read)) return std::move(*wrong);
    const auto& known = std::get<std::optional<Cursor>>(read);
    if (!known) return begin(durable);
    cursor_ = *known;
  }
  return go_on(durable);
}

// A sink that is new.
std::string Route::begin(std::uint64_t durable) {
  cursor_ = {};
  auto opened = audit::Follower::open(log_, place_.from_now ? durable : 0);
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  follower_.emplace(std::get<audit::Follower>(std::move(opened)));
  if (place_.from_now) {
    const std::string wrong = follower_->read(durable, [&](const audit::Line& line, std::string_view text) {
      completer_->feed(text);
      cursor_ = {line.seq, audit::hex_of(audit::leaf_hash(text)), completer_->needed_from()};
      return true;
    });
    if (!wrong.empty()) return wrong;
  }
  unsaved_ = true;
  return save();
}

// To where the cursor stands, so that what comes can be completed.
std::string Route::go_on(std::uint64_t durable) {
  if (cursor_.seq > durable) return numbered("has been given records up to ", cursor_.seq, ", and the log has fewer: is it an older copy? (its cursor lies in the folder sinks beside the log)");
  // The record that was delivered last, too: it tells whether this is the log that the cursor is of.
  auto opened = audit::Follower::open(log_, std::min(cursor_.from, cursor_.seq));
  // What sessions said before was purged: go on without it.
  if (std::holds_alternative<std::string>(opened)) opened = audit::Follower::open(log_, cursor_.seq);
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  follower_.emplace(std::get<audit::Follower>(std::move(opened)));
  if (cursor_.seq == 0) return {};
  bool same = false;
  std::string wrong = follower_->read(cursor_.seq, [&](const audit::Line& line, std::string_view text) {
    completer_->feed(text);
    if (line.seq == cursor_.seq) same = audit::hex_of(audit::leaf_hash(text)) == cursor_.hash;
    return true;
  });
  if (wrong.empty() && !same) wrong = numbered("record ", cursor_.seq, " of the log is not the one that was delivered: the cursor is of another log");
  return wrong;
}

// What goes into the load of the record that is being handed out.
void Route::take(Load& load, std::size_t& bytes) {
  const audit::CompleteEvent& event = rest_->event;
  Parcel parcel{event.seq, event.log, event.ts, event.type, std::string(event.text("session")), event.hash, severity_of(event), {}, rest_->part};
  do {
    bytes += parcel.texts.emplace_back(rest_->texts.next()).size();
    ++rest_->part;
  } while (!rest_->texts.done() && bytes < kBytesMax);
  load.parcels.push_back(std::move(parcel));
  load.whole = rest_->texts.done();
  if (!load.whole) return;
  load.end = rest_->end;
  rest_.reset();
}

std::variant<Load, std::string> Route::next(std::uint64_t durable) {
  Load load;
  std::size_t bytes = 0, passed = 0;
  std::string trouble;
  if (rest_) {
    ++passed;
    load.oldest_us = audit::timestamp_us(rest_->event.ts).value_or(0);
    take(load, bytes);
  }
  std::string wrong = follower_->read(durable, [&](const audit::Line& line, std::string_view text) {
    if (load.parcels.size() >= kParcelsMax || bytes >= kBytesMax || passed >= kPassedMax) return false;
    auto fed = completer_->feed(text);
    auto* event = std::get_if<audit::CompleteEvent>(&fed);
    if (event == nullptr) {
      trouble = numbered("record ", line.seq, " cannot be understood; pgward audit verify tells more");
      return false;
    }
    if (passed++ == 0) load.oldest_us = audit::timestamp_us(event->ts).value_or(0);
    Cursor end{event->seq, event->hash, completer_->needed_from()};
    if (!wanted(event->type)) {
      load.end = std::move(end);
      return true;
    }
    rest_.emplace(std::move(*event), std::move(end), place_.format, producer_);
    take(load, bytes);
    return true;
  });
  if (wrong.empty()) wrong = std::move(trouble);
  if (!wrong.empty() && load.end.seq == 0 && load.whole) return wrong;  // what came before it is delivered first
  return load;
}

void Route::delivered(const Load& load) {
  if (load.end.seq == 0) return;
  cursor_ = load.end;
  unsaved_ = true;
}

std::string Route::save() {
  std::string wrong = write_cursor(cursor_file_, cursor_);
  if (wrong.empty()) unsaved_ = false;
  return wrong;
}

}  // namespace pgward::proxy
