// Segments: when one ends, what the next begins with, and what a live one looks like.
#include <gtest/gtest.h>

#include "audit/line_reader.h"
#include "audit/segment_name.h"
#include "audit/sha256.h"
#include "disk_faults.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

TEST(Segment, Names) {
  EXPECT_EQ(segment_name(1), "000001.jsonl");
  EXPECT_EQ(segment_name(1'234'567), "1234567.jsonl");
  EXPECT_EQ(segment_number("000042.jsonl"), 42u);
  for (const char* name : {"", ".jsonl", "42.jsonl", "000000.jsonl", "0000042.jsonl", "000042.jsonl.gz", "00004x.jsonl",
                           "99999999999.jsonl", "-00001.jsonl", "lock"})
    EXPECT_EQ(segment_number(name), std::nullopt) << name;
}

TEST(Segment, AFullOneIsFollowedByTheNext) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 1000;
  write_records(config, 1, 20);
  const VerifyReport report = verify(scratch.path());
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_GT(report.segments, 3u);

  const auto first = lines_of(read_file(scratch.path() / "000001.jsonl"));
  const auto second = lines_of(read_file(scratch.path() / "000002.jsonl"));
  EXPECT_NE(second[0].find(R"("type":"log.rotate","file":"000002.jsonl","previous":"000001.jsonl","head":")" +
                           hash_of_line(first.back())),
            std::string::npos);
  EXPECT_EQ(numbers_in(scratch.path()).size(), 20u);
  EXPECT_EQ(count_of(scratch.path(), "log.rotate"), report.segments - 1);
}

// Zero bytes are allowed at the end of the last segment only: they must be gone for good before there is a next.
TEST(Segment, ItsLengthIsDurableBeforeTheNextBegins) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 1;  // each group in a segment of its own
  const auto log = open_log(config);
  const unsigned before = disk_faults().syncs;
  ASSERT_NE(log->append(numbered(1), kNow), 0u);
  ASSERT_TRUE(log->flush());
  EXPECT_EQ(disk_faults().syncs - before, 2u) << "one for the full segment, one for the records of the next";
}

// The block in which the records end is written again with the next group: none of them may change by that.
class SegmentBlocks : public testing::TestWithParam<bool> {
 protected:
  void TearDown() override { disk_faults().clear(); }
};

TEST_P(SegmentBlocks, GroupsOfAnySizeAndStartsBetweenThem) {
  Scratch scratch;
  disk_faults().no_direct = GetParam();
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 64 * 1024;
  std::uint64_t number = 0;
  for (int start = 0; start < 8; ++start) {
    const auto log = open_log(config);
    for (std::size_t i = 0; i < 40; ++i) {
      const std::string padding((number * 389) % 9001, 'x');
      ASSERT_NE(log->append(numbered(++number) + ",\"padding\":\"" + padding + '"', kNow), 0u);
      ASSERT_TRUE(log->flush());
    }
  }
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_EQ(numbers_in(scratch.path()).size(), number);
}
INSTANTIATE_TEST_SUITE_P(, SegmentBlocks, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "ThroughThePageCache" : "Direct"; });

TEST(Segment, RotationAndStartsMix) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 700;
  for (std::uint64_t round = 0; round < 12; ++round) write_records(config, round * 3, round * 3 + 2);
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_EQ(numbers_in(scratch.path()).size(), 36u);
}

TEST(Segment, ARunningLogIsIntact) {
  Scratch scratch;
  const auto log = open_log(config_for(scratch.path()));
  log->append(numbered(1), kNow);
  ASSERT_TRUE(log->flush());
  const std::string bytes = read_file(scratch.path() / "000001.jsonl");
  EXPECT_EQ(bytes.back(), '\0') << "grown ahead of the records";
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_EQ(verify(scratch.path()).records, 2u);
}

TEST(Segment, GroupsThatGrowTheFileSeveralTimes) {
  Scratch scratch;
  const std::string big = "\"type\":\"test\",\"x\":\"" + std::string(300'000, 'x') + "\"";
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 256u << 20;
  {
    const auto log = open_log(config);
    for (int i = 0; i < 15; ++i) ASSERT_NE(log->append(big, kNow), 0u);
    ASSERT_TRUE(log->flush());
  }
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_EQ(verify(scratch.path()).records, 16u);
}

}  // namespace
}  // namespace pgward::audit
