#include "audit/follow.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "audit/retention.h"
#include "disk_faults.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

Follower follow(const std::filesystem::path& directory, std::uint64_t from) {
  auto opened = Follower::open(directory, from);
  if (const auto* error = std::get_if<std::string>(&opened)) ADD_FAILURE() << *error;
  return std::get<Follower>(std::move(opened));
}

std::string error_of(const std::filesystem::path& directory, std::uint64_t from) {
  const auto opened = Follower::open(directory, from);
  return std::holds_alternative<std::string>(opened) ? std::get<std::string>(opened) : "";
}

// What it gives up to a record, and the error behind it.
std::vector<std::string> read(Follower& follower, std::uint64_t upto = kToTheEnd) {
  std::vector<std::string> lines;
  const std::string error = follower.read(upto, [&](const Line&, std::string_view text) {
    lines.emplace_back(text);
    return true;
  });
  if (!error.empty()) lines.push_back("error: " + error);
  return lines;
}

std::vector<std::string> part(const std::vector<std::string>& all, std::size_t first, std::size_t last) {
  return {all.begin() + static_cast<std::ptrdiff_t>(first) - 1, all.begin() + static_cast<std::ptrdiff_t>(last)};
}

class Follow : public testing::Test {
 protected:
  void SetUp() override {
    config_ = config_for(scratch_.path());
    config_.segment_bytes = 800;
    write_records(config_, 1, 30);
    all_ = all_lines(scratch_.path());
  }
  void TearDown() override { disk_faults().clear(); }

  Scratch scratch_;
  LogConfig config_;
  std::vector<std::string> all_;
};

TEST_F(Follow, FromAnyRecordToAnyRecord) {
  ASSERT_GT(all_.size(), 30u);
  for (std::uint64_t from = 0; from <= all_.size() + 1; ++from) {
    Follower follower = follow(scratch_.path(), from);
    EXPECT_EQ(follower.next_seq(), std::max<std::uint64_t>(from, 1));
    EXPECT_EQ(read(follower, 17), from <= 17 ? part(all_, std::max<std::uint64_t>(from, 1), 17) : std::vector<std::string>{});
    EXPECT_EQ(read(follower), part(all_, std::max<std::uint64_t>(from, 18), all_.size()));
    EXPECT_TRUE(read(follower).empty());
  }
}

TEST_F(Follow, CompressedSegmentsAreTheSame) {
  for (const SegmentNumber number : uncompressed(scratch_.path())) ASSERT_EQ(compress_segment(scratch_.path(), number), "");
  for (const std::uint64_t from : {0u, 5u, 23u}) {
    Follower follower = follow(scratch_.path(), from);
    EXPECT_EQ(read(follower), part(all_, std::max<std::uint64_t>(from, 1), all_.size()));
  }
}

// However many times it is asked: a compressed one would be unpacked from its beginning each time.
TEST_F(Follow, ASealedSegmentIsOpenedOnce) {
  for (const SegmentNumber number : uncompressed(scratch_.path())) ASSERT_EQ(compress_segment(scratch_.path(), number), "");
  Follower follower = follow(scratch_.path(), 2);
  EXPECT_EQ(read(follower, 2), part(all_, 2, 2));
  std::filesystem::remove(scratch_.path() / (segment_name(1) + ".gz"));
  EXPECT_EQ(follower.read(3, [](const Line&, std::string_view) { return false; }), "");
  EXPECT_EQ(read(follower, 3), part(all_, 3, 3));
  EXPECT_EQ(read(follower), part(all_, 4, all_.size()));
}

TEST_F(Follow, ASegmentThatIsCompressedWhileItIsRead) {
  Follower follower = follow(scratch_.path(), 1);
  const auto front = read(follower, 3);
  for (const SegmentNumber number : uncompressed(scratch_.path())) ASSERT_EQ(compress_segment(scratch_.path(), number), "");
  EXPECT_EQ(front, part(all_, 1, 3));
  EXPECT_EQ(read(follower), part(all_, 4, all_.size()));
}

TEST_F(Follow, WhatIsRefusedComesAgain) {
  Follower follower = follow(scratch_.path(), 1);
  for (std::size_t n = 1; n <= all_.size(); ++n) {
    std::size_t seen = 0;
    EXPECT_EQ(follower.read(kToTheEnd, [&](const Line& line, std::string_view text) {
      if (seen++ == 1) return false;
      EXPECT_EQ(text, all_[n - 1]);
      EXPECT_EQ(line.seq, n);
      return true;
    }), "");
  }
}

TEST_F(Follow, GoesAlongWithAWriter) {
  const auto log = open_log(config_);
  Follower follower = follow(scratch_.path(), all_.size() + 1);
  std::vector<std::string> seen = all_;
  for (std::uint64_t n = 0; n < 40; ++n) {
    ASSERT_NE(log->append(numbered(n), kNow), 0u);
    ASSERT_TRUE(log->flush());
    for (auto& line : read(follower, log->durable_seq())) seen.push_back(std::move(line));
    EXPECT_EQ(seen.size(), log->durable_seq()) << "all that is durable";
  }
  EXPECT_EQ(seen, all_lines(scratch_.path()));
}

TEST_F(Follow, AFastWriterInAnotherThread) {
  config_.segment_bytes = 20'000;
  const auto log = open_log(config_);
  constexpr std::uint64_t kRecords = 20'000;
  std::thread writer([&] {
    for (std::uint64_t n = 0; n < kRecords; ++n) log->append(numbered(n), kNow);
    log->flush();
  });
  Follower follower = follow(scratch_.path(), 1);
  std::uint64_t next = 1;
  while (next <= kRecords + all_.size()) {
    const std::uint64_t upto = log->durable_seq();
    ASSERT_EQ(follower.read(upto, [&](const Line& line, std::string_view) {
      if (line.seq != next) return false;
      ++next;
      return true;
    }), "");
    ASSERT_LE(next, upto + 1);
    std::this_thread::yield();
  }
  writer.join();
}

// Bytes that were written and never became durable are cut off, and others come in their place.
TEST_F(Follow, NeverSeesWhatIsCutOff) {
  const auto log = open_log(config_);
  Follower follower = follow(scratch_.path(), log->durable_seq() + 1);
  disk_faults().sync_error = EIO;
  ASSERT_NE(log->append(numbered(1000), kNow), 0u);
  ASSERT_FALSE(log->flush());
  EXPECT_TRUE(read(follower, log->durable_seq()).empty());
  disk_faults().clear();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (log->failed() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_NE(log->append(numbered(1001), kNow), 0u);
  ASSERT_TRUE(log->flush());
  const auto seen = read(follower, log->durable_seq());
  ASSERT_GE(seen.size(), 2u);
  for (const auto& line : seen) EXPECT_EQ(line.find("\"n\":1000"), line.npos) << line;
  EXPECT_NE(seen.back().find("\"n\":1001"), std::string::npos) << seen.back();
}

TEST_F(Follow, TornEndsAreWaitedFor) {
  const auto file = scratch_.path() / segment_name(static_cast<SegmentNumber>(uncompressed(scratch_.path()).size() + 1));
  const std::string whole = read_file(file);
  for (const std::string& tail : {std::string(5000, '\0'), all_[0].substr(0, 20), all_[0].substr(0, 20) + std::string(100, '\0')}) {
    write_file(file, whole + tail);
    Follower follower = follow(scratch_.path(), 2);
    EXPECT_EQ(read(follower), part(all_, 2, all_.size()));
    EXPECT_TRUE(read(follower).empty());
  }
}

TEST_F(Follow, WhatDoesNotFitIsNotGiven) {
  const auto file = scratch_.path() / segment_name(3);
  const std::string whole = read_file(file);
  std::string changed = whole;
  char& digit = changed[changed.find("\"n\":") + 4];
  digit = digit == '9' ? '8' : '9';
  write_file(file, changed);
  Follower follower = follow(scratch_.path(), 1);
  auto lines = read(follower);
  EXPECT_NE(lines.back().find("000003.jsonl, record "), std::string::npos) << lines.back();
  EXPECT_NE(lines.back().find("does not fit the one before it"), std::string::npos) << lines.back();
  write_file(file, whole.substr(whole.find('\n') + 1));
  Follower other = follow(scratch_.path(), 1);
  EXPECT_NE(read(other).back().find("is not where it should be"), std::string::npos);
  write_file(file, whole.substr(0, whole.size() - 5));
  Follower third = follow(scratch_.path(), 1);
  EXPECT_NE(read(third).back().find("the line is broken"), std::string::npos);
}

TEST_F(Follow, WhatWasPurgedIsSaid) {
  std::filesystem::remove(scratch_.path() / segment_name(1));
  std::filesystem::remove(scratch_.path() / segment_name(2));
  EXPECT_NE(error_of(scratch_.path(), 1).find("is not there any more: the log begins with record "), std::string::npos);
  Follower follower = follow(scratch_.path(), 0);
  EXPECT_GT(follower.next_seq(), 1u);
  const std::uint64_t first = follower.next_seq();
  EXPECT_EQ(read(follower), part(all_, first, all_.size()));
}

TEST(FollowNothing, IsAnError) {
  Scratch scratch;
  EXPECT_NE(error_of(scratch.path(), 1).find("there is no log here"), std::string::npos);
  EXPECT_NE(error_of(scratch.path() / "none", 1), "");
}

}  // namespace
}  // namespace pgward::audit
