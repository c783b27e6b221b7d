// Old segments: compressed without a byte changed, purged only behind a record that vouches for them, kept by holds.
#include "audit/retention.h"

#include <atomic>

#include <gtest/gtest.h>

#include "audit/keeper.h"
#include "audit/tree_reader.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kDay = 86'400'000'000;

class Retention : public testing::Test {
 protected:
  Retention() {
    config_ = config_for(scratch_.path() / "log");
    config_.segment_bytes = 1500;
    config_.retention.look_s = 0;
    config_.signing.keys = scratch_.path() / "keys";
    config_.signing.checkpoint_us = 3'600'000'000;
    config_.signing.epoch_us = kDay;
    config_.signing.unix_us = [this] { return now_.load(); };
  }
  // A start a day, of several segments.
  void write_days(int days) {
    for (int n = 0; n < days; ++n, now_ += 2 * kDay) run();
  }
  std::unique_ptr<Log> open() {
    auto opened = Log::open(config_, now_);
    if (auto* wrong = std::get_if<std::string>(&opened)) throw std::runtime_error(*wrong);
    return std::get<std::unique_ptr<Log>>(std::move(opened));
  }
  void run() {
    auto log = open();
    for (std::uint64_t n = 1; n <= 20; ++n) {
      log->append(numbered(n), now_);
      static_cast<void>(log->flush());
    }
  }
  // As the running log does it.
  void keep(const RetentionConfig& retention) {
    auto log = open();
    Keeper::Desk desk{[&](std::string members) { return log->append(std::move(members), now_) != 0 && log->flush(); }, [this] { return now_.load(); }};
    RetentionConfig once = retention;
    once.look_s = 0;
    once.on_trouble = [](const std::string& trouble) { ADD_FAILURE() << trouble; };
    Keeper(config_.directory, once, std::move(desk)).look();
  }
  SegmentNumber first() const {
    std::error_code error;
    return list_segments(config_.directory, error).front();
  }

  Scratch scratch_;
  LogConfig config_;
  std::atomic<std::int64_t> now_{kNow};
  std::error_code error_;
};

TEST_F(Retention, CompressedSegmentsReadAndVerifyAsBefore) {
  write_days(2);
  const auto lines = all_lines(config_.directory);
  const VerifyReport before = verify(config_.directory);
  RetentionConfig retention;
  retention.compress = true;
  keep(retention);
  EXPECT_TRUE(fs::exists(config_.directory / "000001.jsonl.gz"));
  EXPECT_FALSE(fs::exists(config_.directory / "000001.jsonl"));
  EXPECT_LE(uncompressed(config_.directory).size(), 1u) << "the records of that very end may have begun another";
  const auto after = all_lines(config_.directory);
  ASSERT_GT(after.size(), lines.size());
  EXPECT_TRUE(std::equal(lines.begin(), lines.end(), after.begin()));
  EXPECT_EQ(trouble_with(config_.directory), "");
  EXPECT_GT(verify(config_.directory).records, before.records);
  run();
  EXPECT_EQ(trouble_with(config_.directory), "");
}

TEST_F(Retention, ADamagedCompressedSegmentIsNamed) {
  write_days(1);
  ASSERT_EQ(compress_segment(config_.directory, 1), "");
  const fs::path file = config_.directory / "000001.jsonl.gz";
  const std::string whole = read_file(file);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), whole + "x", whole + whole, std::string(), std::string("{}\n")}) {
    write_file(file, bytes);
    EXPECT_TRUE(trouble_with(config_.directory).starts_with("000001.jsonl:")) << trouble_with(config_.directory);
  }
}

TEST_F(Retention, ACrashBetweenTwoStepsOfCompressingDoesNoHarm) {
  write_days(1);
  const std::string original = read_file(config_.directory / "000001.jsonl");
  ASSERT_EQ(compress_segment(config_.directory, 1), "");
  write_file(config_.directory / "000001.jsonl", original);          // not removed yet
  write_file(config_.directory / "000002.jsonl.gz.new", "half of");  // not renamed yet
  EXPECT_EQ(trouble_with(config_.directory), "");
  EXPECT_EQ(compress_segment(config_.directory, 1), "");
  EXPECT_EQ(compress_segment(config_.directory, 2), "");
  EXPECT_EQ(trouble_with(config_.directory), "");
}

TEST_F(Retention, EmergencyAccessThatNobodySignedOffIsNotPurged) {
  write_days(1);
  const auto add = [this](const std::string& members) {
    auto log = open();
    ASSERT_NE(log->append(members, now_), 0u);
    EXPECT_TRUE(log->flush());
  };
  add(R"("type":"break_glass.open","session":"s","break_glass":"bg-1","reason":"x")");
  add(R"("type":"break_glass.open","session":"s","break_glass":"bg-2","reason":"x")");
  const SegmentNumber opened_in = list_segments(config_.directory, error_).back();
  now_ += 2 * kDay;
  write_days(4);
  RetentionConfig retention;
  retention.purge = retention.compress = true;
  retention.keep_s = 3 * 86'400;
  keep(retention);
  EXPECT_LE(first(), opened_in) << "nobody has looked at them";
  EXPECT_GT(first(), 1u) << "what is older went";
  add(R"("type":"break_glass.sign_off","session":"s","signs":"bg-2")");
  keep(retention);
  EXPECT_LE(first(), opened_in) << "one is still open";
  add(R"("type":"break_glass.sign_off","session":"s","signs":"bg-1")");
  keep(retention);
  EXPECT_GT(first(), opened_in);
  EXPECT_EQ(trouble_with(config_.directory), "");
}

TEST_F(Retention, WhatIsPurgedIsRecordedFirstAndTheRestVerifies) {
  write_days(4);
  const auto root = last_checkpoint(config_.directory)->checkpoint;
  RetentionConfig retention;
  retention.purge = true;
  retention.keep_s = 3 * 86'400;
  keep(retention);
  EXPECT_GT(first(), 3u);
  EXPECT_EQ(count_of(config_.directory, "retention.purge"), 1u);
  EXPECT_EQ(trouble_with(config_.directory), "");
  const VerifyReport report = verify(config_.directory);
  EXPECT_GT(report.signing.epoch, 2u) << "keys are followed from the first one on";
  ASSERT_TRUE(report.signing.first_key.has_value());
  VerifyOptions pinned;
  pinned.key = report.signing.first_key;
  EXPECT_FALSE(verify(config_.directory, pinned).first_bad);
  pinned.key->public_key[0] ^= 1;
  EXPECT_TRUE(verify(config_.directory, pinned).first_bad);
  EXPECT_EQ(tree_at(config_.directory, root.size)->root(), root.root) << "what was signed before still holds";
  keep(retention);
  EXPECT_EQ(count_of(config_.directory, "retention.purge"), 1u) << "nothing more is due";
  run();
  EXPECT_EQ(trouble_with(config_.directory), "");
}

TEST_F(Retention, WhatIsGoneWithoutARecordIsTampering) {
  write_days(4);
  for (const char* name : {"000001.jsonl", "000002.jsonl"}) fs::remove(config_.directory / name);
  EXPECT_TRUE(trouble_with(config_.directory).starts_with("000001.jsonl:1: 1 this segment is missing")) << trouble_with(config_.directory);
  EXPECT_THROW(open(), std::runtime_error);
  // A file says so, but no record does.
  const auto due = purge_due(config_.directory, now_, {});
  ASSERT_TRUE(due.has_value());
  ASSERT_EQ(purge(config_.directory, *due), "");
  EXPECT_NE(trouble_with(config_.directory), "");
}

TEST_F(Retention, ARecordOfAnotherPurgeDoesNotVouchForIt) {
  write_days(4);
  auto due = purge_due(config_.directory, now_, {});
  ASSERT_TRUE(due.has_value());
  due->head = std::string(kNoHash);
  ASSERT_NE(open()->append(retention_purge(*due), now_), 0u);
  ASSERT_EQ(purge(config_.directory, *due), "");
  EXPECT_NE(trouble_with(config_.directory), "");
}

TEST_F(Retention, AHoldKeepsItsDaysAndAllBehind) {
  write_days(4);
  RetentionConfig retention;
  retention.purge = true;
  retention.keep_s = 0;
  ASSERT_EQ(write_hold(config_.directory, "case-1", Hold{"case-1", "a complaint", kNow + kDay, kNow + 3 * kDay}), "");
  keep(retention);
  const SegmentNumber kept = first();
  EXPECT_GT(kept, 1u) << "the first day is not held";
  EXPECT_EQ(count_of(config_.directory, "retention.hold"), 1u);
  std::string second_day;
  for (const std::string& line : all_lines(config_.directory)) second_day += line.find("\"log\":\"test/2\"") != line.npos ? "x" : "";
  EXPECT_GE(second_day.size(), 20u);
  keep(retention);
  EXPECT_EQ(first(), kept);
  write_file(config_.directory / "holds", "what is this?\n");
  fs::permissions(config_.directory / "holds", fs::perms(0600));
  EXPECT_TRUE(std::holds_alternative<std::string>(read_holds(config_.directory))) << "then nothing may be purged";
  fs::remove(config_.directory / "holds");
  EXPECT_NE(write_hold(config_.directory, "case-1", std::nullopt), "") << "there is none";
  keep(retention);
  EXPECT_GT(first(), kept);
  EXPECT_EQ(trouble_with(config_.directory), "");
}

}  // namespace
}  // namespace pgward::audit
