// The index answers as a scan of all lines does, whatever the trail and wherever its segments end.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/index/shelf.h"
#include "audit/read.h"
#include "audit/retention.h"
#include "audit/timestamp.h"
#include "random_trail.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

using nlohmann::json;
using Found = std::map<std::pair<IndexKind, IndexKey>, std::set<std::uint64_t>>;

void scan_touched(const json& record, std::uint64_t seq, Found& found) {
  for (const json& entry : record.value("touched", json::array())) {
    if (entry["mode"] == "set") found[{IndexKind::set, key_of_table(entry["table"].get<std::string>())}].insert(seq);
    for (const auto& [member, kind] : {std::pair{"subjects", IndexKind::subject}, std::pair{"records", IndexKind::record}})
      for (const json& id : entry.value(member, json::array())) found[{kind, *key_of_hex(id.get<std::string>())}].insert(seq);
  }
  for (const json& change : record.value("changes", json::array())) {
    for (const auto& [member, kind] : {std::pair{"subject", IndexKind::subject}, {"subject_was", IndexKind::subject}, {"record", IndexKind::record}, {"record_was", IndexKind::record},
                                       {"record", IndexKind::changed}, {"record_was", IndexKind::changed}})
      if (change.contains(member)) found[{kind, *key_of_hex(change[member].get<std::string>())}].insert(seq);
  }
}

// What an index has to know, by a slower way.
Found scanned(const std::filesystem::path& directory) {
  Found found;
  EXPECT_EQ(for_each_line(directory, [&](const StoredLine& line) {
    const json record = json::parse(line.text);
    const std::uint64_t seq = record["seq"];
    const std::string type = record["type"], session = record.value("session", "");
    if (!session.empty()) found[{IndexKind::session, key_of_session(session)}].insert(seq);
    if (!type.starts_with("stmt.")) found[{IndexKind::type, key_of_type(type)}].insert(seq);
    scan_touched(record, seq, found);
    const json* credential = record.contains("cred") ? &record["cred"] : nullptr;
    if (credential != nullptr) found[{IndexKind::told, key_of_session(session)}].insert(seq);
    if (record.contains("actor")) {
      found[{IndexKind::told, key_of_session(session)}].insert(seq);
      found[{IndexKind::user, key_of_user(record["actor"]["sub"].get<std::string>())}].insert(seq);
      credential = &record["actor"]["cred"];
    }
    if (credential != nullptr) found[{IndexKind::credential, key_of_credential((*credential)["id"].get<std::string>())}].insert(seq);
    return true;
  }), "");
  return found;
}

Found indexed(IndexShelf& shelf, const Found& asked) {
  Found found;
  for (const auto& [what, ignored] : asked) {
    std::vector<IndexHit> hits;
    EXPECT_EQ(shelf.find(what.first, what.second, {}, hits), "");
    for (const IndexHit& hit : hits) found[what].insert(hit.seq);
    EXPECT_EQ(found[what].size(), hits.size()) << "each record once";
  }
  return found;
}

std::size_t entries_of(IndexShelf& shelf) {
  std::size_t all = 0;
  for (std::uint32_t kind = 0; kind < kIndexKinds; ++kind)
    EXPECT_EQ(shelf.each(static_cast<IndexKind>(kind), {}, [&](const IndexEntry&, std::uint64_t) { return ++all > 0; }), "");
  return all;
}

IndexShelf open_shelf(const std::filesystem::path& directory, bool store = true) {
  auto opened = IndexShelf::open(directory, {store, 512u << 20, [](const std::string&) {}});
  if (const auto* wrong = std::get_if<std::string>(&opened)) throw std::runtime_error(*wrong);
  return std::move(std::get<IndexShelf>(opened));
}

void write_trail(const std::filesystem::path& directory, std::uint32_t seed, std::size_t records, std::uint64_t segment_bytes = 16u << 10) {
  LogConfig config = config_for(directory);
  config.segment_bytes = segment_bytes;
  const auto log = open_log(config);
  RandomTrail trail(seed);
  for (std::size_t n = 0; n < records; ++n) {
    // A clock that is set back now and then.
    ASSERT_NE(log->append(trail.next(), kNow + static_cast<std::int64_t>(n) * 700'000 - (n % 97 == 0 ? 60'000'000 : 0)), 0u);
    if (n % 20 == 0) {
      ASSERT_TRUE(log->flush());
    }
  }
  ASSERT_TRUE(log->flush());
}

class IndexProperty : public testing::TestWithParam<std::uint32_t> {};

TEST_P(IndexProperty, AnswersAsAScanDoes) {
  Scratch scratch;
  write_trail(scratch.path(), GetParam(), 700);
  const Found expected = scanned(scratch.path());
  ASSERT_GT(expected.size(), 50u);
  for (const bool compressed : {false, true}) {
    for (const SegmentNumber number : compressed ? uncompressed(scratch.path()) : std::vector<SegmentNumber>{}) ASSERT_EQ(compress_segment(scratch.path(), number), "");
    IndexShelf shelf = open_shelf(scratch.path());
    EXPECT_EQ(indexed(shelf, expected), expected);
    std::size_t all = 0;
    for (const auto& [what, rows] : expected) all += rows.size();
    EXPECT_EQ(entries_of(shelf), all) << "and nothing else";
    EXPECT_EQ(not_indexed(scratch.path()), std::vector<SegmentNumber>{}) << "they were stored";
    const auto lines = all_lines(scratch.path());
    EXPECT_EQ(shelf.last_seq(), lines.size());
    for (std::uint64_t seq = lines.size(); seq > 0; seq -= std::min<std::uint64_t>(seq, 7)) EXPECT_EQ(shelf.line(seq), lines[seq - 1]);
    EXPECT_EQ(shelf.line(0), std::nullopt);
    EXPECT_EQ(shelf.line(lines.size() + 1), std::nullopt);
  }
}
INSTANTIATE_TEST_SUITE_P(, IndexProperty, testing::Range(1u, 9u));

TEST(Index, ATimeRangeLeavesOutNothingThatIsInIt) {
  Scratch scratch;
  write_trail(scratch.path(), 77, 600);
  std::map<std::uint64_t, std::int64_t> times;
  for (const std::string& line : all_lines(scratch.path())) times[times.size() + 1] = *timestamp_us(json::parse(line)["ts"].get<std::string>());
  IndexShelf shelf = open_shelf(scratch.path());
  const Found expected = scanned(scratch.path());
  for (std::int64_t from = kNow - 100'000'000; from < kNow + 500'000'000; from += 37'111'111) {
    const TimeRange range{from, from + 61'000'000};
    for (const auto& [what, rows] : expected) {
      std::vector<IndexHit> hits;
      ASSERT_EQ(shelf.find(what.first, what.second, range, hits), "");
      std::set<std::uint64_t> found, wanted;
      for (const IndexHit& hit : hits) found.insert(hit.seq);
      for (const std::uint64_t seq : rows)
        if (range.has(times[seq])) wanted.insert(seq);
      EXPECT_TRUE(std::includes(found.begin(), found.end(), wanted.begin(), wanted.end()));
    }
  }
}

class IndexFile : public testing::Test {
 protected:
  void SetUp() override {
    write_trail(scratch_.path(), 5, 400);
    IndexShelf shelf = open_shelf(scratch_.path());
    file_ = scratch_.path() / index_name(2);
    bytes_ = read_file(file_);
    expected_ = scanned(scratch_.path());
  }
  void expect_right_answers(bool store = true) {
    IndexShelf shelf = open_shelf(scratch_.path(), store);
    EXPECT_EQ(indexed(shelf, expected_), expected_);
  }
  Scratch scratch_;
  std::filesystem::path file_;
  std::string bytes_;
  Found expected_;
};

TEST_F(IndexFile, IsTheSameWhoeverMakesIt) {
  std::filesystem::remove(file_);
  ASSERT_TRUE(std::holds_alternative<MadeIndex>(make_index(scratch_.path(), 2)));
  EXPECT_EQ(read_file(file_), bytes_);
  ASSERT_EQ(compress_segment(scratch_.path(), 2), "");
  ASSERT_TRUE(std::holds_alternative<MadeIndex>(make_index(scratch_.path(), 2)));
  EXPECT_EQ(read_file(file_), bytes_);
}

TEST_F(IndexFile, OfAnotherSegmentIsMadeAnew) {
  write_file(file_, read_file(scratch_.path() / index_name(1)));
  EXPECT_EQ(not_indexed(scratch_.path()), std::vector<SegmentNumber>{2});
  expect_right_answers();
  EXPECT_EQ(read_file(file_), bytes_);
}

TEST_F(IndexFile, CutShortOrMissingIsMadeAnew) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{500}, bytes_.size() / 2, bytes_.size() - 1}) {
    write_file(file_, bytes_.substr(0, size));
    expect_right_answers();
    EXPECT_EQ(read_file(file_), bytes_) << size;
  }
  std::filesystem::remove(file_);
  expect_right_answers(false);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(IndexFile, OfALogThatWasWrittenAnewIsNotBelieved) {
  Scratch other;
  write_trail(other.path(), 6, 400);
  std::filesystem::remove_all(other.path() / "index");
  std::filesystem::copy(scratch_.path() / "index", other.path() / "index");
  const Found expected = scanned(other.path());
  IndexShelf shelf = open_shelf(other.path());
  EXPECT_EQ(indexed(shelf, expected), expected);
}

// Each byte changed: every question is answered rightly or not at all, and never wrongly.
TEST_F(IndexFile, ADamagedByteIsNeverAnsweredFrom) {
  std::vector<Found::value_type> some;
  for (const auto& one : expected_)
    if (some.size() < 60 && one.second.size() < 30) some.push_back(one);
  auto sound = Sidecar::open(index_in_memory(bytes_));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes_.size(); at += at < 700 ? 1 : 211) {
    std::string bent = bytes_;
    bent[at] = static_cast<char>(bent[at] ^ 0x41);
    auto opened = Sidecar::open(index_in_memory(bent));
    auto* sidecar = std::get_if<Sidecar>(&opened);
    if (sidecar == nullptr) {
      ++refused;
      continue;
    }
    for (const auto& [what, rows] : some) {
      std::vector<IndexEntry> wanted, got;
      ASSERT_TRUE(std::get<Sidecar>(sound).find(what.first, what.second, wanted));
      if (!sidecar->find(what.first, what.second, got)) ++refused;
      else EXPECT_EQ(got, wanted) << at;
    }
    if (const auto seek = sidecar->seek(5)) {
      EXPECT_EQ(*seek, *std::get<Sidecar>(sound).seek(5));
    }
  }
  EXPECT_GT(refused, 700u);
}

// Larger than a chunk of compressed text, and also as another program would compress it.
TEST(Index, ReadsALargeCompressedSegmentAnywhere) {
  Scratch scratch;
  write_trail(scratch.path(), 9, 4000, 900u << 10);
  const auto lines = all_lines(scratch.path());
  const auto file = scratch.path() / segment_name(1);
  const std::string plain = read_file(file);
  ASSERT_GT(plain.size(), 6u * (128u << 10));
  for (const bool ours : {true, false}) {
    write_file(file, plain);
    if (ours) {
      ASSERT_EQ(compress_segment(scratch.path(), 1), "");
    } else {
      ASSERT_EQ(std::system(("gzip -f " + file.string()).c_str()), 0);
    }
    IndexShelf shelf = open_shelf(scratch.path());
    for (std::uint64_t seq = 1; seq <= lines.size(); seq += ours ? 13 : 301) EXPECT_EQ(shelf.line(seq), lines[seq - 1]) << seq;
    if (ours) std::filesystem::remove(file.string() + ".gz");
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which want more address space than this leaves
// The header of a file says how long its chunks are, and anybody may have written it.
TEST(Index, AChunkOfFourGibibytesIsNotBelieved) {
  Scratch scratch;
  const std::string text = "{\"first\":1}\n" + std::string(100'000, 'x') + "\n";
  write_file(scratch.path() / "plain", text);
  ASSERT_EQ(std::system(("gzip -n " + (scratch.path() / "plain").string()).c_str()), 0);
  const std::string zipped = read_file(scratch.path() / "plain.gz");
  const auto deflated = static_cast<std::uint32_t>(zipped.size() - 10 - 8);
  // gzip's own header has no name in it with -n: ten bytes.
  write_file(scratch.path() / "000001.jsonl.gz", gzip_header(0xffff'ffff, {deflated}) + zipped.substr(10));
  const Fd fd(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit little{1u << 30, 1u << 30};
    if (::setrlimit(RLIMIT_AS, &little) != 0) ::_exit(2);
    auto segment = SegmentText::open(fd.get(), 1);
    ::_exit(segment && segment->line(0, 1) == std::string(100'000, 'x') ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
#endif

TEST(Index, AnEmptySegmentBehindTheLastIsNothing) {
  Scratch scratch;
  write_trail(scratch.path(), 3, 100, 4096);
  const auto lines = all_lines(scratch.path());
  std::error_code error;
  const SegmentNumber last = list_segments(scratch.path(), error).back();
  write_file(scratch.path() / segment_name(last + 1), std::string(4096, '\0'));
  auto opened = IndexShelf::open(scratch.path(), {true, 512u << 20, [](const std::string&) {}});
  ASSERT_TRUE(std::holds_alternative<IndexShelf>(opened)) << std::get<std::string>(opened);
  auto& shelf = std::get<IndexShelf>(opened);
  EXPECT_EQ(shelf.last_seq(), lines.size());
  EXPECT_EQ(shelf.line(lines.size()), lines.back());
}

TEST(Index, ABrokenLineIsAnErrorOfItsSegment) {
  Scratch scratch;
  write_trail(scratch.path(), 3, 200, 4096);
  const auto file = scratch.path() / segment_name(2);
  write_file(file, read_file(file) + "{\"v\":2");
  auto opened = IndexShelf::open(scratch.path(), {true, 512u << 20, [](const std::string&) {}});
  ASSERT_TRUE(std::holds_alternative<std::string>(opened));
  EXPECT_NE(std::get<std::string>(opened).find("000002.jsonl:"), std::string::npos) << std::get<std::string>(opened);
}

}  // namespace
}  // namespace pgward::audit
