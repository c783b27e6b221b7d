// Tampering with files as wholes, and what a chain alone cannot show.
#include <gtest/gtest.h>

#include "audit/sha256.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    LogConfig config = config_for(scratch_.path());
    config.segment_bytes = 800;
    write_records(config, 1, 12);
    ASSERT_EQ(verify(scratch_.path()).segments, 4u);
  }
  fs::path file(int n) const { return scratch_.path() / ("00000" + std::to_string(n) + ".jsonl"); }
  // "FILE:LINE: SEQ reason" begins with this.
  void expect_trouble(const std::string& begins, const std::string& holds) const {
    const std::string trouble = trouble_with(scratch_.path());
    EXPECT_TRUE(trouble.starts_with(begins)) << trouble;
    EXPECT_NE(trouble.find(holds), std::string::npos) << trouble;
  }
  std::size_t lines(int n) const { return lines_of(read_file(file(n))).size(); }
  // The number of the record at a line of a segment.
  std::string seq(int n, std::size_t line) const {
    std::size_t number = line;
    for (int s = 1; s < n; ++s) number += lines(s);
    return std::to_string(number);
  }

  Scratch scratch_;
};

TEST_F(Files, ASegmentIsMissing) {
  const std::string number = seq(2, 1);
  fs::remove(file(2));
  expect_trouble("000002.jsonl:1: " + number + " ", "this segment is missing");
}

TEST_F(Files, TheFirstSegmentIsMissing) {
  fs::remove(file(1));
  expect_trouble("000001.jsonl:1: 1 ", "this segment is missing");
}

TEST_F(Files, SegmentsChangedPlaces) {
  fs::rename(file(2), file(9));
  fs::rename(file(3), file(2));
  fs::rename(file(9), file(3));
  expect_trouble("000002.jsonl:1: ", "log.rotate record does not name");
}

TEST_F(Files, CutInTheMiddleOfALineWithinTheLog) {
  const std::string bytes = read_file(file(2));
  write_file(file(2), bytes.substr(0, bytes.size() - 20));
  expect_trouble("000002.jsonl:" + std::to_string(lines(2) + 1) + ":", "cut off");
}

TEST_F(Files, CutAtARecordWithinTheLog) {
  const std::string bytes = read_file(file(2));
  write_file(file(2), bytes.substr(0, bytes.rfind('\n', bytes.size() - 2) + 1));
  expect_trouble("000003.jsonl:1: " + seq(3, 1) + " ", "a record before it was deleted");
}

TEST_F(Files, EmptiedWithinTheLog) {
  write_file(file(2), "");
  expect_trouble("000002.jsonl:1: ", "the segment is empty");
}

TEST_F(Files, ZeroBytesBehindASegmentWithinTheLog) {
  write_file(file(2), read_file(file(2)) + std::string(10, '\0'));
  expect_trouble("000002.jsonl:", "zero bytes, and another segment follows");
}

TEST_F(Files, ZeroBytesBehindTheLastSegmentAreAllowed) {
  write_file(file(4), read_file(file(4)) + std::string(3u << 20, '\0'));
  EXPECT_EQ(trouble_with(scratch_.path()), "");
}

TEST_F(Files, ZeroBytesWithinTheLastSegment) {
  const std::string bytes = read_file(file(4));
  const std::size_t line = bytes.find('\n') + 1;
  write_file(file(4), bytes.substr(0, line) + std::string(10, '\0') + bytes.substr(line));
  expect_trouble("000004.jsonl:2: ", "zero bytes stand where");
  write_file(file(4), bytes + std::string(5u << 20, '\0') + "x");
  expect_trouble("000004.jsonl:" + std::to_string(lines_of(bytes).size() + 1) + ":", "zero bytes stand where");
}

TEST_F(Files, AnEndlessLine) {
  const std::string bytes = read_file(file(4));
  write_file(file(4), bytes + std::string(5u << 20, 'x'));
  expect_trouble("000004.jsonl:" + std::to_string(lines_of(bytes).size() + 1) + ":", "longer than a record can be");
}

TEST_F(Files, ASymbolicLinkIsNotFollowed) {
  fs::rename(file(2), scratch_.path() / "elsewhere");
  fs::create_symlink("elsewhere", file(2));
  expect_trouble("000002.jsonl:", "cannot be read");
}

TEST_F(Files, OtherFilesDoNotMatter) {
  write_file(scratch_.path() / "000005.jsonl.tmp", "x");
  write_file(scratch_.path() / "5.jsonl", "x");
  EXPECT_EQ(trouble_with(scratch_.path()), "");
}

// No chain shows these. The head does, to whoever kept a copy of it.
TEST_F(Files, OnlyTheHeadShowsWhatWasDoneToTheEnd) {
  const std::string head = verify(scratch_.path()).head;
  const std::string bytes = read_file(file(4));

  write_file(file(4), bytes.substr(0, bytes.rfind('\n', bytes.size() - 2) + 1));
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_NE(verify(scratch_.path()).head, head) << "last record cut off";

  std::string edited = bytes;
  edited.replace(edited.rfind("\"n\":12"), 6, "\"n\":99");
  write_file(file(4), edited);
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_NE(verify(scratch_.path()).head, head) << "last record changed";

  fs::remove(file(4));
  EXPECT_EQ(trouble_with(scratch_.path()), "");
  EXPECT_NE(verify(scratch_.path()).head, head) << "last segment taken away";
}

TEST(Nothing, IsNotALog) {
  Scratch scratch;
  EXPECT_NE(verify(scratch.path()).error.find("no log here"), std::string::npos);
  EXPECT_NE(verify(scratch.path() / "none").error.find("No such file"), std::string::npos);
  EXPECT_FALSE(verify(scratch.path()).first_bad);
}

}  // namespace
}  // namespace pgward::audit
