#include "audit/index/builder.h"

#include <algorithm>
#include <cstring>

#include "audit/index/json_walk.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

constexpr std::uint64_t kRowsMax = 0xffff'fff0u;

std::uint32_t seconds_since(std::int64_t first_us, std::int64_t time_us) {
  if (time_us <= first_us) return 0;
  return static_cast<std::uint32_t>(std::min<std::int64_t>((time_us - first_us) / 1'000'000, 0xffff'ffff));
}

// The value of a top-level member, behind `,"NAME":`. In well-formed JSON a text cannot hold these bytes: its quotes are escaped, and
// behind one that ends a text stands no letter. No record has such a member further in.
std::string_view behind(std::string_view members, std::string_view comma_name_colon) {
  const std::size_t at = members.find(comma_name_colon);
  return at == members.npos ? std::string_view() : members.substr(at + comma_name_colon.size());
}

std::uint32_t low_bits(std::uint64_t number) { return static_cast<std::uint32_t>(number & 0xffff'ffff); }

struct Head {
  std::string_view session;
  std::uint64_t statement = 0;
};

// Every record of a statement begins so.
Head head_of(std::string_view members) {
  Head head;
  const std::string_view session = behind(members, R"(,"session":)");
  if (session.empty()) return head;
  JsonWalk walk(session);
  head.session = walk.text();
  constexpr std::string_view kStatement = R"(,"statement":)";
  std::string_view rest = walk.rest();
  if (!rest.starts_with(kStatement)) {
    rest = behind(members, kStatement);
    if (rest.empty()) return head;
  } else {
    rest.remove_prefix(kStatement.size());
  }
  JsonWalk number(rest);
  head.statement = number.number();
  return head;
}

std::uint64_t big_endian(const unsigned char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}

constexpr auto before = [](const IndexEntry& a, const IndexEntry& b) {
  const std::uint64_t first_a = big_endian(a.key.data()), first_b = big_endian(b.key.data());
  if (first_a != first_b) return first_a < first_b;
  const std::uint64_t next_a = big_endian(a.key.data() + 8), next_b = big_endian(b.key.data() + 8);
  if (next_a != next_b) return next_a < next_b;
  return a.row != b.row ? a.row < b.row : a.more < b.more;
};
constexpr auto same = [](const IndexEntry& a, const IndexEntry& b) { return std::memcmp(&a, &b, sizeof a) == 0; };

// Keys are as good as random: after one pass by their first bits what is left to sort is small.
void sort_entries(std::vector<IndexEntry>& entries) {
  constexpr std::size_t kBits = 14, kBuckets = std::size_t{1} << kBits;
  if (entries.size() < 4 * kBuckets) return std::sort(entries.begin(), entries.end(), before);
  const auto bucket = [](const IndexEntry& entry) { return static_cast<std::size_t>(big_endian(entry.key.data()) >> (64 - kBits)); };
  std::vector<std::size_t> ends(kBuckets + 1);
  for (const IndexEntry& entry : entries) ++ends[bucket(entry) + 1];
  for (std::size_t n = 0; n < kBuckets; ++n) ends[n + 1] += ends[n];
  std::vector<IndexEntry> sorted(entries.size());
  std::vector<std::size_t> next(ends.begin(), ends.end() - 1);
  for (const IndexEntry& entry : entries) sorted[next[bucket(entry)]++] = entry;
  entries.swap(sorted);
  for (std::size_t n = 0; n < kBuckets; ++n)
    std::sort(entries.begin() + static_cast<std::ptrdiff_t>(ends[n]), entries.begin() + static_cast<std::ptrdiff_t>(ends[n + 1]), before);
}

}  // namespace

bool IndexBuilder::take(std::string_view text, std::uint64_t offset) {
  const auto parsed = parse_line(text);
  const Line* line = std::get_if<Line>(&parsed);
  SegmentShape& shape = built_.shape;
  if (line == nullptr || shape.records >= kRowsMax) return false;
  const std::size_t ts = static_cast<std::size_t>(line->members.data() - text.data()) - kTimestampChars - 2;
  const std::int64_t time_us = timestamp_us(text.substr(ts, kTimestampChars)).value_or(0);
  if (shape.records == 0) {
    shape.first_seq = line->seq;
    shape.before = line->prev_hash;
    shape.first_us = shape.least_us = shape.most_us = time_us;
  } else if (line->seq != shape.first_seq + shape.records) {
    return false;
  }
  shape.least_us = std::min(shape.least_us, time_us);
  shape.most_us = std::max(shape.most_us, time_us);
  if (built_.seeks.empty() || offset >= built_.seeks.back().offset + kSeekBytes) built_.seeks.push_back({shape.records, offset});

  row_ = static_cast<std::uint32_t>(shape.records);
  seconds_ = seconds_since(shape.first_us, time_us);
  if (line->type.starts_with("stmt.")) statement_record(*line);
  else other_record(*line);
  ++shape.records;
  shape.bytes = offset + text.size() + 1;
  last_line_.assign(text);
  return true;
}

void IndexBuilder::statement_record(const Line& line) {
  const Head head = head_of(line.members);
  const std::uint32_t statement = low_bits(head.statement);
  if (!head.session.empty()) add(IndexKind::session, key_of_session(head.session), statement);
  if (line.type == "stmt.change") return changed(line.members);
  const bool denied = line.type == "stmt.deny";
  if (denied || line.type == "stmt.mismatch") add(IndexKind::type, key_of_type(line.type), seconds_);
  if (denied || line.members.find(R"(,"op":")") != line.members.npos) told(line.members, head.session, statement);
  touched(line.members);
}

void IndexBuilder::other_record(const Line& line) {
  add(IndexKind::type, key_of_type(line.type), seconds_);
  const Head head = head_of(line.members);
  if (!head.session.empty()) add(IndexKind::session, key_of_session(head.session), low_bits(head.statement));
  told(line.members, head.session, low_bits(head.statement));
}

// Who it was, where a record says so itself.
void IndexBuilder::told(std::string_view members, std::string_view session, std::uint32_t statement) {
  const auto credential = [&](JsonWalk& walk) {
    walk.members([&](std::string_view name) {
      if (name == "id") add(IndexKind::credential, key_of_credential(plain_text(walk.text())), seconds_);
      else walk.skip();
    });
  };
  if (const std::string_view renewed = behind(members, R"(,"cred":)"); !renewed.empty() && members.find(R"(,"actor":)") == members.npos) {
    if (!session.empty()) add(IndexKind::told, key_of_session(session), statement);
    JsonWalk walk(renewed);
    credential(walk);
  }
  const std::string_view actor = behind(members, R"(,"actor":)");
  if (actor.empty()) return;
  if (!session.empty()) add(IndexKind::told, key_of_session(session), statement);
  JsonWalk walk(actor);
  walk.members([&](std::string_view name) {
    if (name == "sub") add(IndexKind::user, key_of_user(plain_text(walk.text())), seconds_);
    else if (name == "cred" && walk.at('{')) credential(walk);
    else walk.skip();
  });
}

void IndexBuilder::touched(std::string_view members) {
  const std::string_view list = behind(members, R"(,"touched":)");
  if (list.empty()) return;
  JsonWalk walk(list);
  const auto keys = [&](IndexKind kind) {
    walk.elements([&] {
      if (const auto key = key_of_hex(walk.text())) add(kind, *key, seconds_);
    });
  };
  walk.elements([&] {
    std::string_view table, mode;
    walk.members([&](std::string_view name) {
      if (name == "table") table = walk.text();
      else if (name == "mode") mode = walk.text();
      else if (name == "subjects") keys(IndexKind::subject);
      else if (name == "records") keys(IndexKind::record);
      else walk.skip();
    });
    if (mode != "set") return;
    std::string plain = plain_text(table);
    add(IndexKind::set, key_of_table(plain), seconds_);
    built_.set_tables.insert(std::move(plain));
  });
}

// One change, or a list of them under "changes".
void IndexBuilder::changed(std::string_view members) {
  const auto member = [&](JsonWalk& walk, std::string_view name) {
    // Whose it was before it became another's, too.
    const bool record = name == "record" || name == "record_was";
    if ((!record && name != "subject" && name != "subject_was") || !walk.at('"')) return walk.skip();
    const auto key = key_of_hex(walk.text());
    if (!key) return;
    add(record ? IndexKind::record : IndexKind::subject, *key, seconds_);
    if (record) add(IndexKind::changed, *key, seconds_);
  };
  std::string object = "{";
  object += members;
  object += '}';
  JsonWalk walk(object);
  walk.members([&](std::string_view name) {
    if (name != "changes" || !walk.at('[')) return member(walk, name);
    walk.elements([&] { walk.members([&](std::string_view inner) { member(walk, inner); }); });
  });
}

BuiltIndex IndexBuilder::finish() {
  if (built_.shape.records > 0) built_.shape.head = leaf_hash(last_line_);
  for (auto& section : built_.entries) {
    sort_entries(section);
    section.erase(std::unique(section.begin(), section.end(), same), section.end());
  }
  return std::move(built_);
}

}  // namespace pgward::audit
