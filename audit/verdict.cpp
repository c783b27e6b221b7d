#include "audit/verdict.h"

#include <optional>

namespace pgward::audit {
namespace {

Verdict blame(const std::deque<Record>& before, const Record& odd, std::string reason) {
  return {before.size(), &odd, before.back().seq + 1, std::move(reason)};
}

// Both the record in place and `odd` claim to follow before[at]; before[at + 1] is the one in place.
std::optional<std::size_t> fork_point(const std::deque<Record>& before, const Record& odd) {
  for (std::size_t at = before.size() - 1; at-- > 0;)
    if (follows(odd, before[at])) return at;
  return std::nullopt;
}

// Numbers fit, hashes do not.
Verdict judge_hash(const std::deque<Record>& before, const Record& odd, const std::optional<Record>& next) {
  const Record& last = before.back();
  // A record is vouched for by the one behind it. When that holds for `odd`, its own bytes are right, the
  // hash it names included; so what does not have this hash was changed.
  const bool odd_is_right = !next || follows(*next, odd);
  if (last.seq == 0)
    return blame(before, odd, "the log does not begin with this record: its beginning was taken away");
  if (odd_is_right)
    return {before.size() - 1, nullptr, last.seq, "was changed: the record behind it names another hash"};
  return blame(before, odd, "was changed: neither the record before it nor the one behind it fits");
}

Verdict judge_gap(const std::deque<Record>& before, const Record& odd, const std::optional<Record>& next,
                  RecordStream& rest) {
  const std::uint64_t expected = before.back().seq + 1;
  std::optional<Record> later = next;
  while (later && later->seq != expected) later = rest.next_good();
  if (later) return blame(before, odd, "is out of place: the record that belongs here stands further down");
  return blame(before, odd,
               odd.seq - expected == 1
                   ? "a record before it was deleted"
                   : std::to_string(odd.seq - expected) + " records before it were deleted");
}

}  // namespace

bool follows(const Record& next, const Record& record) {
  return next.seq == record.seq + 1 && next.prev == record.hash;
}

Verdict judge(const std::deque<Record>& before, const Record& odd, RecordStream& rest) {
  const Record& last = before.back();
  const std::optional<Record> next = rest.next_good();
  if (next && follows(*next, last))
    return blame(before, odd,
                 follows(odd, *next) ? "changed places with the record behind it" : "was inserted");
  if (odd.hash == last.hash) return blame(before, odd, "was inserted: a copy of the record before it");
  if (const auto at = fork_point(before, odd)) {
    // Two branches from there. The one that goes on is the log, the other one was put in.
    if (!next || follows(*next, odd)) return {*at + 1, nullptr, before[*at].seq + 1, "was inserted"};
    return blame(before, odd, "was inserted");
  }
  if (odd.prev == last.hash) return blame(before, odd, "was changed: its number does not follow");
  if (odd.seq == last.seq + 1) return judge_hash(before, odd, next);
  if (odd.seq > last.seq) return judge_gap(before, odd, next, rest);
  return blame(before, odd, "is out of place: a record with this number stood before");
}

}  // namespace pgward::audit
