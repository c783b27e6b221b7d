// A log and the places that remember it: what was told there cannot be taken back.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "audit/tree_reader.h"
#include "audit/directory_anchor.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

class Anchored : public testing::Test {
 protected:
  Anchored() : outside_(scratch_.path() / "outside") {
    fs::create_directory(outside_);
    config_ = config_for(scratch_.path() / "log");
    config_.segment_bytes = 2000;
    config_.signing.keys = scratch_.path() / "keys";
    config_.signing.checkpoint_us = 3'600'000'000;
    config_.signing.unix_us = [this] { return now_.load(); };
    config_.signing.anchors.push_back(std::make_shared<DirectoryAnchor>(outside_));
    config_.signing.on_anchor = [this](const std::string&, const std::string* fault) { (fault ? faults_ : mended_)++; };
  }
  std::unique_ptr<Log> open() {
    auto opened = Log::open(config_, now_);
    if (auto* wrong = std::get_if<std::string>(&opened)) throw std::runtime_error(*wrong);
    return std::get<std::unique_ptr<Log>>(std::move(opened));
  }
  void run(std::uint64_t first, std::uint64_t last) {
    auto log = open();
    for (std::uint64_t n = first; n <= last; ++n) {
      ASSERT_NE(log->append(numbered(n), now_), 0u);
      ASSERT_TRUE(log->flush());
    }
  }
  std::string refusal() {
    auto opened = Log::open(config_, now_);
    const auto* wrong = std::get_if<std::string>(&opened);
    return wrong != nullptr ? *wrong : "opened";
  }
  std::string origin() const {
    for (const auto& entry : fs::directory_iterator(outside_)) {
      std::string name = entry.path().filename().string();
      std::replace(name.begin(), name.end(), '_', '/');
      return name;
    }
    return "none";
  }

  std::size_t notes(std::size_t unreadable = 0) const {
    AnchoredNotes all(outside_, origin());
    std::size_t count = 0;
    while (all.next() != nullptr) ++count;
    EXPECT_EQ(all.error(), "");
    EXPECT_EQ(all.unreadable(), unreadable);
    return count;
  }

  Scratch scratch_;
  fs::path outside_;
  LogConfig config_;
  std::atomic<std::int64_t> now_{kNow};
  std::atomic<int> faults_{0}, mended_{0};
};

TEST_F(Anchored, HoldsEachCheckpointAndTheLogGoesOn) {
  run(1, 5);
  run(6, 30);
  EXPECT_GE(notes(), 3u);  // of those that wait together the last is enough
  EXPECT_EQ(faults_, 0);
  EXPECT_EQ(trouble_with(config_.directory), "");
}

TEST_F(Anchored, AnOlderCopyIsNotWrittenOn) {
  run(1, 5);
  fs::copy(config_.directory, scratch_.path() / "copy", fs::copy_options::recursive);
  run(6, 9);
  fs::remove_all(config_.directory);
  fs::rename(scratch_.path() / "copy", config_.directory);
  EXPECT_NE(refusal().find("records were taken away, or an older copy"), std::string::npos) << refusal();
}

TEST_F(Anchored, ACloneIsFoundOutOnceBothHaveSpoken) {
  run(1, 5);
  fs::copy(config_.directory, scratch_.path() / "clone", fs::copy_options::recursive);
  fs::copy(config_.signing.keys, scratch_.path() / "clone keys", fs::copy_options::recursive);
  run(6, 9);
  LogConfig original = config_;
  config_.directory = scratch_.path() / "clone";
  config_.signing.keys = scratch_.path() / "clone keys";
  EXPECT_NE(refusal().find("older copy"), std::string::npos) << refusal();
  // Somebody cuts the clone off from the anchor until it has as many records.
  config_.signing.anchors.clear();
  run(20, 40);
  config_.signing.anchors = original.signing.anchors;
  EXPECT_NE(refusal().find("another history"), std::string::npos) << refusal();
}

// Both began before either had told the anchor: the second to speak contradicts the first.
TEST_F(Anchored, TwoAtTheSameTimeAreFoundOutWhileTheyRun) {
  struct Outside final : Anchor {
    Outside(const fs::path& directory, bool may_be_asked) : real(directory), asked(may_be_asked) {}
    DirectoryAnchor real;
    bool asked;
    std::atomic<int> told{0};
    const std::string& name() const override { return real.name(); }
    std::variant<std::optional<Held>, AnchorFault> newest(const std::string& origin) override {
      if (!asked) return std::optional<Held>();
      return real.newest(origin);
    }
    std::optional<AnchorFault> put(const SignedCheckpoint& checkpoint) override {
      auto fault = real.put(checkpoint);
      ++told;
      return fault;
    }
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  run(1, 5);
  fs::copy(config_.directory, scratch_.path() / "clone", fs::copy_options::recursive);
  fs::copy(config_.signing.keys, scratch_.path() / "clone keys", fs::copy_options::recursive);
  // The first checkpoint of each has the same size. Both must be told: nothing is appended meanwhile, since of checkpoints that
  // wait together only the last is.
  const auto original = std::make_shared<Outside>(outside_, true);
  config_.signing.anchors = {original};
  {
    auto log = open();
    while (original->told == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    ASSERT_NE(log->append(numbered(6), now_), 0u);
  }
  LogConfig clone_config = config_;
  clone_config.directory = scratch_.path() / "clone";
  clone_config.signing.keys = scratch_.path() / "clone keys";
  clone_config.signing.anchors = {std::make_shared<Outside>(outside_, false)};
  auto clone = std::get<std::unique_ptr<Log>>(Log::open(clone_config, now_ + 7));
  while (!clone->failed() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  ASSERT_TRUE(clone->failed());
  EXPECT_EQ(clone->append(numbered(2), now_), 0u);
  EXPECT_EQ(faults_, 1);
  clone.reset();
  EXPECT_EQ(count_of(clone_config.directory, "log.degraded"), 1u);
}

TEST_F(Anchored, WhatIsMissingIsToldLater) {
  run(1, 3);
  fs::rename(outside_, scratch_.path() / "unmounted");
  {
    auto log = open();
    while (faults_ == 0 || log->append(numbered(4), now_) == 0) static_cast<void>(log->flush());
    static_cast<void>(log->flush());
  }
  EXPECT_EQ(count_of(config_.directory, "log.degraded"), 1u);
  fs::rename(scratch_.path() / "unmounted", outside_);
  run(10, 12);
  const auto newest = DirectoryAnchor(outside_).newest(origin());
  const auto held = std::get<std::optional<Anchor::Held>>(newest);
  const auto tree = tree_at(config_.directory, held->size);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->root(), held->root);
  EXPECT_EQ(held->size + 1, all_lines(config_.directory).size());
}

TEST_F(Anchored, ARequiredOneMustBeThere) {
  config_.signing.anchors_required = true;
  config_.signing.anchor_patience_s = 0;
  run(1, 3);
  fs::rename(outside_, scratch_.path() / "unmounted");
  EXPECT_NE(refusal().find("outside"), std::string::npos) << refusal();
  fs::rename(scratch_.path() / "unmounted", outside_);
  config_.signing.checkpoint_us = 1000;
  auto log = open();
  fs::rename(outside_, scratch_.path() / "unmounted");
  while (!log->failed()) {  // the next checkpoint does not reach it
    log->append(numbered(4), now_);
    static_cast<void>(log->flush());
  }
  EXPECT_EQ(log->append(numbered(5), now_), 0u);
  fs::rename(scratch_.path() / "unmounted", outside_);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (log->failed() && std::chrono::steady_clock::now() < until) std::this_thread::yield();  // tried again every second
  EXPECT_NE(log->append(numbered(6), now_), 0u);
  EXPECT_GE(mended_, 1);
}

TEST_F(Anchored, WhatACrashLeftHalfWrittenIsPassedOver) {
  run(1, 3);
  const std::size_t before = notes();
  const fs::path folder = outside_ / fs::path([&] { std::string o = origin(); std::replace(o.begin(), o.end(), '/', '_'); return o; }()) / "00000000";
  write_file(folder / "0000000000000100.note", "pgward/te");
  run(4, 5);
  EXPECT_GE(notes(1), before + 1);
}

}  // namespace
}  // namespace pgward::audit
