// The disk says no: nothing that was not durable ever becomes it, and the log goes on when it can.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "disk_faults.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

class Failure : public testing::Test {
 protected:
  void TearDown() override { disk_faults().clear(); }

  void open(std::uint64_t segment_bytes = 1u << 20) {
    LogConfig config = config_for(scratch_.path());
    config.segment_bytes = segment_bytes;
    config.on_progress = [this] { ++progress_; };
    log_ = open_log(config);
  }
  // Appends 1 and 2 which become durable, then 3 which is lost to the fault that `begin` makes.
  void lose_third(const std::function<void()>& begin) {
    for (std::uint64_t n = 1; n <= 2; ++n) ASSERT_EQ(log_->append(numbered(n), kNow), n);
    ASSERT_TRUE(log_->flush());
    begin();
    ASSERT_EQ(log_->append(numbered(3), kNow), 3u);
    ASSERT_FALSE(log_->flush());
    EXPECT_TRUE(log_->failed());
    EXPECT_EQ(log_->fate(3), Fate::lost);
    EXPECT_EQ(log_->append(numbered(4), kNow), 0u);
    EXPECT_GT(progress_, 0u);
  }
  void await_mended() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (log_->failed()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }
  // Once mended, 5 is durable, 3 is still lost, and the file holds just what was promised.
  void expect_mended(const char* step_and_error) {
    ASSERT_NO_FATAL_FAILURE(await_mended());
    const Ticket ticket = log_->append(numbered(5), kNow);
    ASSERT_GT(ticket, 3u);
    ASSERT_TRUE(log_->flush());
    EXPECT_EQ(log_->fate(ticket), Fate::durable);
    EXPECT_EQ(log_->fate(3), Fate::lost);
    EXPECT_EQ(log_->durable(), 2u) << "a caller that compares must not take 3 for durable";
    log_.reset();
    EXPECT_EQ(trouble_with(scratch_.path()), "");
    EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{1, 2, 5}));
    std::string all;
    for (const std::string& line : all_lines(scratch_.path())) all += line;
    EXPECT_NE(all.find(std::string(R"("type":"log.degraded",)") + step_and_error), std::string::npos) << all;
    EXPECT_NE(all.find(R"("lost":1)"), std::string::npos) << all;
    write_records(config_for(scratch_.path()), 6, 6);
    EXPECT_EQ(trouble_with(scratch_.path()), "") << "and a start goes on from there";
  }

  Scratch scratch_;
  std::atomic<unsigned> progress_{0};
  std::unique_ptr<Log> log_;
};

TEST_F(Failure, DiskFull) {
  open(1000);
  ASSERT_NO_FATAL_FAILURE(lose_third([] { disk_faults().write_error = ENOSPC; }));
  disk_faults().clear();
  expect_mended(R"("step":"write","error":"ENOSPC")");
}

TEST_F(Failure, DiskFullInTheMiddleOfARecord) {
  open(1);  // each group in a segment of its own, so that no space was taken ahead
  ASSERT_NO_FATAL_FAILURE(lose_third([] {
    disk_faults().room = 100;
    disk_faults().write_error = ENOSPC;
  }));
  disk_faults().clear();
  expect_mended(R"("step":"write","error":"ENOSPC")");
}

// Room for the record, none to grow the file: good enough.
TEST_F(Failure, NoRoomToGrowIsNoFailure) {
  open(1);
  disk_faults().room = 4000;
  disk_faults().write_error = ENOSPC;
  ASSERT_EQ(log_->append(numbered(1), kNow), 1u);
  EXPECT_TRUE(log_->flush());
  log_.reset();
  EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(trouble_with(scratch_.path()), "");
}

TEST_F(Failure, FileTooLarge) {
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  open(400);  // grown by 400 bytes at a time
  ASSERT_NO_FATAL_FAILURE(lose_third([&] {
    const rlimit small{100, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  }));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  expect_mended(R"("step":"write","error":"EFBIG")");
  std::signal(SIGXFSZ, old_handler);
}

// The kernel may drop the pages of a failed sync and mark them clean: a second sync that succeeds proves
// nothing. So it goes on in a new file.
TEST_F(Failure, AfterAFailedSyncTheFileIsNeverUsedAgain) {
  open();
  ASSERT_NO_FATAL_FAILURE(lose_third([] { disk_faults().sync_error = EIO; }));
  const std::string first = read_file(scratch_.path() / "000001.jsonl");
  disk_faults().clear();
  expect_mended(R"("step":"sync","error":"EIO")");
  const std::string left = read_file(scratch_.path() / "000001.jsonl");
  EXPECT_EQ(lines_of(left).size(), 3u) << "open, 1, 2";
  EXPECT_NE(lines_of(read_file(scratch_.path() / "000002.jsonl"))[0].find("log.rotate"), std::string::npos);
}

TEST_F(Failure, ASyncThatFailsAgainAndAgain) {
  open();
  ASSERT_NO_FATAL_FAILURE(lose_third([] { disk_faults().sync_error = EIO; }));
  const unsigned syncs = disk_faults().syncs;
  while (disk_faults().syncs < syncs + 2) std::this_thread::yield();  // two attempts to mend it
  EXPECT_TRUE(log_->failed());
  disk_faults().clear();
  expect_mended(R"("step":"sync","error":"EIO")");
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "000003.jsonl")) << "a number is used once it holds a record";
}

TEST_F(Failure, ASyncThatFailsAtTheEndOfASegment) {
  open(1);
  ASSERT_NO_FATAL_FAILURE(lose_third([] { disk_faults().sync_error = EIO; }));
  disk_faults().clear();
  expect_mended(R"("step":"sync","error":"EIO")");
}

TEST_F(Failure, EverythingQueuedIsLostTogether) {
  open();
  disk_faults().sync_error = EIO;
  std::vector<Ticket> tickets;
  for (std::uint64_t n = 0; n < 1000; ++n)
    if (const Ticket ticket = log_->append(numbered(n), kNow); ticket != 0) tickets.push_back(ticket);
  ASSERT_FALSE(log_->flush());
  disk_faults().clear();
  ASSERT_NO_FATAL_FAILURE(await_mended());
  ASSERT_NE(log_->append(numbered(5000), kNow), 0u);
  ASSERT_TRUE(log_->flush());
  for (const Ticket ticket : tickets) EXPECT_EQ(log_->fate(ticket), Fate::lost);
  EXPECT_EQ(log_->durable(), 0u);
  log_.reset();
  EXPECT_EQ(numbers_in(scratch_.path()), (std::vector<std::uint64_t>{5000}));
  EXPECT_EQ(trouble_with(scratch_.path()), "");
}

TEST_F(Failure, EndingWhileFailedDoesNotWait) {
  open();
  ASSERT_NO_FATAL_FAILURE(lose_third([] { disk_faults().write_error = EIO; }));
  log_.reset();
  disk_faults().clear();
  write_records(config_for(scratch_.path()), 6, 6);
  EXPECT_EQ(trouble_with(scratch_.path()), "");
}

TEST_F(Failure, AtStart) {
  disk_faults().sync_error = EIO;
  auto opened = Log::open(config_for(scratch_.path()), kNow);
  ASSERT_TRUE(std::holds_alternative<std::string>(opened));
  EXPECT_NE(std::get<std::string>(opened).find("sync: Input/output error"), std::string::npos);
}

}  // namespace
}  // namespace pgward::audit
