// Every way of changing a finished log names the first record that cannot be right, and what was done to it.
#include <functional>

#include <gtest/gtest.h>

#include "audit/sha256.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

// A log as lines, over its segments. Records are named by their number.
class Book {
 public:
  explicit Book(const std::filesystem::path& directory) : directory_(directory) {
    for (std::size_t segment = 1; std::filesystem::exists(file(segment)); ++segment)
      segments_.push_back(lines_of(read_file(file(segment))));
  }
  std::filesystem::path file(std::size_t segment) const { return directory_ / ("00000" + std::to_string(segment) + ".jsonl"); }
  std::size_t count() const {
    std::size_t sum = 0;
    for (const auto& lines : segments_) sum += lines.size();
    return sum;
  }
  std::size_t segments() const { return segments_.size(); }
  std::size_t first_of(std::size_t segment) const {  // its first record
    std::size_t seq = 1;
    for (std::size_t s = 1; s < segment; ++s) seq += segments_[s - 1].size();
    return seq;
  }
  std::size_t segment_of(std::size_t seq) const { return place(seq).first + 1; }
  std::size_t line_of(std::size_t seq) const { return place(seq).second + 1; }

  std::string& at(std::size_t seq) { return segments_[place(seq).first][place(seq).second]; }
  void insert(std::size_t seq, std::string line) {
    auto& lines = segments_[place(seq).first];
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place(seq).second), std::move(line));
  }
  void erase(std::size_t seq) {
    auto& lines = segments_[place(seq).first];
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(place(seq).second));
  }
  void replace(std::size_t seq, std::string_view what, std::string_view with) {
    ASSERT_NE(at(seq).find(what), std::string::npos) << what << " in " << at(seq);
    at(seq).replace(at(seq).find(what), what.size(), with);
  }
  void save() const {
    for (std::size_t s = 0; s < segments_.size(); ++s) {
      std::string bytes;
      for (const std::string& line : segments_[s]) bytes += line + "\n";
      write_file(file(s + 1), bytes);
    }
  }

 private:
  std::pair<std::size_t, std::size_t> place(std::size_t seq) const {
    std::size_t segment = 0, index = seq - 1;
    while (segment + 1 < segments_.size() && index >= segments_[segment].size()) index -= segments_[segment++].size();
    return {segment, index};
  }

  std::filesystem::path directory_;
  std::vector<std::vector<std::string>> segments_;
};

// A line as a forger who knows the form would write it.
std::string forged(std::size_t seq, std::string_view prev) {
  return R"({"v":2,"log":"test/1","seq":)" + std::to_string(seq) +
         R"(,"ts":"2025-11-22T04:45:00.123456Z","type":"test","n":7,"prev":")" + std::string(prev) + "\"}";
}

struct TamperCase {
  const char* name;
  std::function<void(Book&)> change;  // it is saved behind it
  std::size_t bad;                    // the place where this record stood is named
  const char* says;
};
class Tampered : public testing::TestWithParam<TamperCase> {};

// Three segments of at least seven records; the second one begins with record kSecond.
constexpr std::size_t kSecond = 10, kThird = 18, kLast = 22;

TEST_P(Tampered, IsNamed) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 1400;
  write_records(config, 1, 19);
  const Book pristine(scratch.path());
  ASSERT_EQ(pristine.segments(), 3u);
  ASSERT_EQ(pristine.first_of(2), kSecond);
  ASSERT_EQ(pristine.first_of(3), kThird);
  ASSERT_EQ(pristine.count(), kLast);
  ASSERT_EQ(trouble_with(scratch.path()), "");

  Book book(scratch.path());
  GetParam().change(book);
  book.save();
  const VerifyReport report = verify(scratch.path());
  ASSERT_TRUE(report.first_bad.has_value());
  const BadRecord& bad = *report.first_bad;
  EXPECT_EQ(bad.file, pristine.file(pristine.segment_of(GetParam().bad)));
  EXPECT_EQ(bad.line, pristine.line_of(GetParam().bad));
  EXPECT_EQ(bad.seq, GetParam().bad);
  EXPECT_NE(bad.reason.find(GetParam().says), std::string::npos) << bad.reason;
  EXPECT_EQ(report.records, GetParam().bad - 1);
  EXPECT_EQ(report.head, report.records == 0 ? std::string(kNoHash) : hash_of_line(Book(pristine).at(report.records)));
}

INSTANTIATE_TEST_SUITE_P(Edited, Tampered, testing::Values(
    TamperCase{"value", [](Book& b) { b.replace(5, "\"n\":4", "\"n\":9"); }, 5, "was changed"},
    TamperCase{"time", [](Book& b) { b.replace(5, "T04:45:00", "T05:45:00"); }, 5, "was changed"},
    TamperCase{"first_record", [](Book& b) { b.replace(1, "log.open", "log.seal"); }, 1, "was changed"},
    TamperCase{"last_but_one", [](Book& b) { b.replace(kLast - 1, "\"n\":18", "\"n\":11"); }, kLast - 1, "was changed"},
    TamperCase{"last_of_a_segment", [](Book& b) { b.replace(kSecond - 1, "\"n\":8", "\"n\":3"); }, kSecond - 1, "was changed"},
    TamperCase{"hash_of_the_one_before", [](Book& b) { b.at(5) = forged(5, hash_of_line("x")); }, 5, "was changed"},
    TamperCase{"first_records_hash", [](Book& b) { b.replace(1, kNoHash, hash_of_line("x")); }, 1, "does not begin"},
    TamperCase{"number_up", [](Book& b) { b.replace(5, "\"seq\":5", "\"seq\":7"); }, 5, "number does not follow"},
    TamperCase{"number_down", [](Book& b) { b.replace(5, "\"seq\":5", "\"seq\":2"); }, 5, "number does not follow"},
    TamperCase{"written_anew_without_the_rest", [](Book& b) { b.at(5) = forged(5, hash_of_line(b.at(4))); }, 5, "was changed"},
    TamperCase{"not_json", [](Book& b) { b.replace(5, "\"n\":4", "\"n\":}"); }, 5, "not well-formed JSON"},
    TamperCase{"invalid_utf8", [](Book& b) { b.replace(5, "\"n\":4", "\"n\":\"\xff\""); }, 5, "not well-formed JSON"},
    TamperCase{"order_of_members", [](Book& b) { b.replace(5, "\"v\":2,\"log\":\"test/1\"", "\"log\":\"test/1\",\"v\":2"); }, 5, "does not begin as a record"},
    TamperCase{"end_cut", [](Book& b) { b.at(5).resize(b.at(5).size() - 10); }, 5, "does not end with"},
    TamperCase{"emptied", [](Book& b) { b.at(5).clear(); }, 5, "does not begin as a record"},
    TamperCase{"rotate_record", [](Book& b) { b.replace(kSecond, "\"previous\":\"000001", "\"previous\":\"000003"); }, kSecond, "log.rotate record does not name"},
    TamperCase{"rotate_in_the_middle", [](Book& b) { b.replace(5, "\"type\":\"test\"", "\"type\":\"log.rotate\""); }, 5, "log.rotate record within"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(TakenAway, Tampered, testing::Values(
    TamperCase{"one", [](Book& b) { b.erase(5); }, 5, "a record before it was deleted"},
    TamperCase{"three", [](Book& b) { for (int i = 0; i < 3; ++i) b.erase(4); }, 4, "3 records before it were deleted"},
    TamperCase{"the_first", [](Book& b) { b.erase(1); }, 1, "a record before it was deleted"},
    TamperCase{"the_rotate_record", [](Book& b) { b.erase(kSecond); }, kSecond, "must begin with a log.rotate"},
    TamperCase{"and_numbered_anew", [](Book& b) { b.erase(5); b.replace(5, "\"seq\":6", "\"seq\":5"); }, 5, "was changed"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(Moved, Tampered, testing::Values(
    TamperCase{"neighbours", [](Book& b) { std::swap(b.at(5), b.at(6)); }, 5, "changed places"},
    TamperCase{"far_ones", [](Book& b) { std::swap(b.at(3), b.at(7)); }, 3, "stands further down"},
    TamperCase{"across_segments", [](Book& b) { std::swap(b.at(3), b.at(kThird + 2)); }, 3, "stands further down"},
    TamperCase{"back", [](Book& b) { const std::string line = b.at(4); b.erase(4); b.insert(6, line); }, 4, "stands further down"},
    TamperCase{"forward", [](Book& b) { const std::string line = b.at(6); b.erase(6); b.insert(4, line); }, 4, "was inserted"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(PutIn, Tampered, testing::Values(
    TamperCase{"copy_behind_itself", [](Book& b) { b.insert(6, b.at(5)); }, 6, "was inserted"},
    TamperCase{"copy_of_an_old_one", [](Book& b) { b.insert(6, b.at(2)); }, 6, "was inserted"},
    TamperCase{"copy_of_a_later_one", [](Book& b) { b.insert(4, b.at(8)); }, 4, "was inserted"},
    TamperCase{"forged", [](Book& b) { b.insert(6, forged(6, hash_of_line(b.at(5)))); }, 6, "was inserted"},
    TamperCase{"forged_with_a_wrong_hash", [](Book& b) { b.insert(6, forged(6, hash_of_line("x"))); }, 6, "was inserted"},
    TamperCase{"three_forged", [](Book& b) {
      for (std::size_t seq : {6u, 7u, 8u}) b.insert(seq, forged(seq, hash_of_line(b.at(seq - 1))));
    }, 6, "was inserted"}),
    [](const auto& row) { return row.param.name; });

// Behind the last record nothing vouches for anything: of two that claim to follow, the second is named.
INSTANTIATE_TEST_SUITE_P(AtTheEnd, Tampered, testing::Values(
    TamperCase{"copy", [](Book& b) { b.insert(kLast + 1, b.at(kLast)); }, kLast + 1, "was inserted"},
    TamperCase{"foreign", [](Book& b) { b.insert(kLast + 1, forged(9, hash_of_line("x"))); }, kLast + 1, "out of place"},
    TamperCase{"gap", [](Book& b) { b.erase(kLast - 1); }, kLast - 1, "deleted"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pgward::audit
