// A crash leaves a torn last line. Whatever it looks like: the start cuts it off, says so, and goes on.
#include <gtest/gtest.h>

#include "audit/limits.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

class Torn : public testing::Test {
 protected:
  void SetUp() override {
    write_records(config_for(scratch_.path()), 1, 3);
    whole_ = read_file(file_);
    last_line_ = whole_.rfind('\n', whole_.size() - 2) + 1;
  }

  // The log with these bytes behind its first three records goes on after exactly those.
  void expect_recovered(std::string_view tail, std::size_t cut_bytes) {
    write_file(file_, whole_.substr(0, last_line_) + std::string(tail));
    ASSERT_NO_FATAL_FAILURE(write_records(config_for(scratch_.path()), 9, 9));
    EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{1, 2, 9}));
    EXPECT_EQ(trouble_with(scratch_.path()), "");
    const std::string said = R"("type":"log.recover","file":"000001.jsonl","cut_bytes":)" + std::to_string(cut_bytes) + ",";
    EXPECT_EQ(read_file(file_).find(said) != std::string::npos, cut_bytes > 0) << said;
  }

  Scratch scratch_;
  const std::filesystem::path file_ = scratch_.path() / "000001.jsonl";
  std::string whole_;
  std::size_t last_line_ = 0;
};

TEST_F(Torn, AtEachByteOfTheLastLine) {
  const std::string line = whole_.substr(last_line_);
  for (std::size_t n = 0; n < line.size(); ++n) {
    SCOPED_TRACE(n);
    expect_recovered(line.substr(0, n), n);
  }
}

TEST_F(Torn, AtEachByteWithZeroBytesBehind) {
  const std::string line = whole_.substr(last_line_);
  for (std::size_t n = 0; n < line.size(); ++n) {
    SCOPED_TRACE(n);
    expect_recovered(line.substr(0, n) + std::string(5000, '\0'), n);
  }
}

// Blocks of one group reach the disk in any order: a later one may be there and an earlier one missing.
TEST_F(Torn, WithAHoleInTheMiddle) {
  const std::string line = whole_.substr(last_line_);
  expect_recovered(line.substr(0, 40) + std::string(4096, '\0') + "...\"}\n" + line, 40 + 4096 + 6 + line.size());
  expect_recovered(std::string(4096, '\0') + line + std::string(100, '\0'), 4096 + line.size());
}

// Longer than what the next records and the zero bytes behind them would write over.
TEST_F(Torn, ALongTail) {
  const std::string tail = "{" + std::string(200'000, '\0') + "}\n";
  expect_recovered(tail, tail.size());
  write_file(file_, whole_ + tail);
  const auto log = open_log(config_for(scratch_.path()));
  EXPECT_EQ(trouble_with(scratch_.path()), "") << "cut off before anything new is written";
}

TEST_F(Torn, IsNotVerifiedAsWhole) {
  write_file(file_, whole_.substr(0, whole_.size() - 1));
  EXPECT_EQ(trouble_with(scratch_.path()).substr(0, 15), "000001.jsonl:4:");
  const VerifyReport report = verify(scratch_.path());
  EXPECT_EQ(report.records, 3u);
  EXPECT_EQ(report.first_bad->seq, 4u);
}

TEST_F(Torn, MoreThanOneGroupIsNoCrash) {
  write_file(file_, whole_ + std::string(1, '\0') + std::string(kGroupBytesMax, 'x'));
  const auto opened = Log::open(config_for(scratch_.path()), kNow);
  ASSERT_TRUE(std::holds_alternative<std::string>(opened));
  EXPECT_NE(std::get<std::string>(opened).find("000001.jsonl:5: more is broken here"), std::string::npos);
}

// The crash came between making a segment and its first record.
TEST_F(Torn, ANewSegmentWithoutAWholeRecord) {
  for (const std::string& begun : {std::string(), std::string(5000, '\0'), std::string("{\"v\":2,\"lo")}) {
    Scratch scratch;
    write_records(config_for(scratch.path()), 1, 3);
    write_file(scratch.path() / "000002.jsonl", begun);
    write_records(config_for(scratch.path()), 4, 4);
    EXPECT_EQ(trouble_with(scratch.path()), "");
    EXPECT_EQ(numbers_in(scratch.path()), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    EXPECT_EQ(count_of(scratch.path(), "log.rotate"), 1u);
    EXPECT_EQ(count_of(scratch.path(), "log.recover"), begun.starts_with('{') ? 1u : 0u);
  }
}

TEST(TornFirst, ALogWithoutAWholeRecordBeginsAnew) {
  for (const std::string& begun : {std::string(), std::string("{\"v\":2")}) {
    Scratch scratch;
    write_file(scratch.path() / "000001.jsonl", begun);
    write_records(config_for(scratch.path()), 1, 1);
    EXPECT_EQ(trouble_with(scratch.path()), "");
    EXPECT_EQ(count_of(scratch.path(), "log.rotate"), 0u);
  }
}

}  // namespace
}  // namespace pgward::audit
