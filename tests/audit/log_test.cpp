// A log that works: chain, tickets, starts.
#include "audit/log.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "audit/limits.h"
#include "audit/sha256.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

TEST(Log, AFreshOneBeginsTheChain) {
  Scratch scratch;
  open_log(config_for(scratch.path() / "audit")).reset();
  const auto lines = all_lines(scratch.path() / "audit");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], R"({"v":2,"log":"test/1","seq":1,"ts":"2025-11-22T04:45:00.123456Z","type":"log.open","prev":")" +
                          std::string(kNoHash) + "\"}");
}

TEST(Log, EachLineHoldsTheHashOfTheOneBefore) {
  Scratch scratch;
  write_records(config_for(scratch.path()), 1, 5);
  const auto lines = all_lines(scratch.path());
  ASSERT_EQ(lines.size(), 6u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto record = nlohmann::json::parse(lines[i]);
    EXPECT_EQ(record["seq"], i + 1);
    EXPECT_EQ(record["prev"], i == 0 ? std::string(kNoHash) : hash_of_line(lines[i - 1]));
  }
  const VerifyReport report = verify(scratch.path());
  EXPECT_EQ(trouble_with(scratch.path()), "");
  EXPECT_EQ(report.records, 6u);
  EXPECT_EQ(report.segments, 1u);
  EXPECT_EQ(report.head, hash_of_line(lines.back()));
}

TEST(Log, TicketsGrowByOneAndBecomeDurable) {
  Scratch scratch;
  const auto log = open_log(config_for(scratch.path()));
  EXPECT_TRUE(log->flush()) << "nothing queued is nothing to wait for";
  EXPECT_EQ(log->append(numbered(1), kNow), 1u);
  EXPECT_EQ(log->append(numbered(2), kNow), 2u);
  EXPECT_TRUE(log->flush());
  EXPECT_EQ(log->durable(), 2u);
  EXPECT_EQ(log->fate(1), Fate::durable);
  EXPECT_EQ(log->fate(2), Fate::durable);
  EXPECT_EQ(log->fate(3), Fate::waiting);
  EXPECT_FALSE(log->failed());
}

TEST(Log, ChainGoesOnAcrossStarts) {
  Scratch scratch;
  write_records(config_for(scratch.path()), 1, 2);
  write_records(config_for(scratch.path()), 3, 4);
  EXPECT_EQ(numbers_in(scratch.path()), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  const auto lines = all_lines(scratch.path());
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_NE(lines[3].find(R"("log":"test/2","seq":4,)"), std::string::npos);
  EXPECT_NE(lines[3].find("log.open"), std::string::npos);
  EXPECT_EQ(trouble_with(scratch.path()), "");
}

TEST(Log, EndingWritesWhatIsQueuedAndLeavesNoZeroBytes) {
  Scratch scratch;
  {
    const auto log = open_log(config_for(scratch.path()));
    for (std::uint64_t n = 1; n <= 1000; ++n) ASSERT_NE(log->append(numbered(n), kNow), 0u);
  }
  EXPECT_EQ(numbers_in(scratch.path()).size(), 1000u);
  EXPECT_EQ(read_file(scratch.path() / "000001.jsonl").find('\0'), std::string::npos);
}

TEST(Log, NobodyElseMayReadIt) {
  Scratch scratch;
  const auto directory = scratch.path() / "deep" / "audit" / "";  // with a slash at the end
  write_records(config_for(directory), 1, 1);
  struct stat status {};
  ASSERT_EQ(::stat(directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0700u);
  ASSERT_EQ(::stat((directory / "000001.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

struct MembersCase {
  const char* name;
  std::string members;
};
class MembersRefused : public testing::TestWithParam<MembersCase> {};

TEST_P(MembersRefused, AreNotQueued) {
  Scratch scratch;
  {
    const auto log = open_log(config_for(scratch.path()));
    EXPECT_EQ(log->append(GetParam().members, kNow), 0u);
    EXPECT_EQ(log->append(numbered(1), kNow), 1u) << "and do no harm";
  }
  EXPECT_EQ(trouble_with(scratch.path()), "");
}

INSTANTIATE_TEST_SUITE_P(, MembersRefused, testing::Values(
    MembersCase{"none", ""}, MembersCase{"without_type", "\"n\":1"},
    MembersCase{"newline", "\"type\":\"test\",\"x\":\"\n\""},
    MembersCase{"zero_byte", std::string("\"type\":\"test\",\"x\":\"\0\"", 20)},
    MembersCase{"too_long", "\"type\":\"test\",\"x\":\"" + std::string(kLineBytesMax, 'x') + "\""}),
    [](const auto& row) { return row.param.name; });

TEST(Log, TheLongestRecordIsReadAgain) {
  Scratch scratch;
  {
    const auto log = open_log(config_for(scratch.path()));
    std::string members = "\"type\":\"test\",\"x\":\"";
    members.append(kLineBytesMax - kEnvelopeBytesMax - members.size() - 1, 'x');
    members += '"';
    EXPECT_NE(log->append(members, kNow), 0u);
    EXPECT_TRUE(log->flush());
  }
  EXPECT_EQ(trouble_with(scratch.path()), "");
  write_records(config_for(scratch.path()), 1, 1);
  EXPECT_EQ(trouble_with(scratch.path()), "");
}

TEST(Log, AFullQueueRefuses) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.queue_bytes_max = 2 * (kEnvelopeBytesMax + 100);
  const auto log = open_log(config);
  EXPECT_EQ(log->append("\"type\":\"test\",\"x\":\"" + std::string(2000, 'x') + "\"", kNow), 0u);
  EXPECT_NE(log->append(numbered(1), kNow), 0u);
  EXPECT_FALSE(log->failed());
}

}  // namespace
}  // namespace pgward::audit
