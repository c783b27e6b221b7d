// A signed log: when checkpoints come, which key signs, and when a log and its keys are not written on.
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "audit/directory_anchor.h"
#include "audit/keyring.h"
#include "audit/line.h"
#include "audit/log_record.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

struct Counting final : Anchor {
  std::string named = "counting";
  std::function<void(const SignedCheckpoint&)> on_put;
  const std::string& name() const override { return named; }
  std::variant<std::optional<Held>, AnchorFault> newest(const std::string&) override { return std::optional<Held>(); }
  std::optional<AnchorFault> put(const SignedCheckpoint& checkpoint) override {
    on_put(checkpoint);
    return std::nullopt;
  }
};

class Signed : public testing::Test {
 protected:
  Signed() {
    config_ = config_for(scratch_.path() / "log");
    config_.signing.keys = scratch_.path() / "keys";
    config_.signing.checkpoint_us = 3'600'000'000;  // only at start and end
    config_.signing.unix_us = [this] { return now_.load(); };
  }

  void run(std::uint64_t first, std::uint64_t last) {
    auto opened = Log::open(config_, now_);
    ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Log>>(opened)) << std::get<std::string>(opened);
    auto log = std::get<std::unique_ptr<Log>>(std::move(opened));
    for (std::uint64_t n = first; n <= last; ++n) ASSERT_NE(log->append(numbered(n), now_), 0u);
    ASSERT_TRUE(log->flush());
  }
  std::string refusal() {
    auto opened = Log::open(config_, now_);
    const auto* wrong = std::get_if<std::string>(&opened);
    return wrong != nullptr ? *wrong : "opened";
  }
  std::vector<SignedCheckpoint> checkpoints() const {
    std::vector<SignedCheckpoint> found;
    for (const std::string& text : all_lines(config_.directory)) {
      const auto line = parse_line(text);
      if (auto checkpoint = checkpoint_of(std::get<Line>(line).members)) found.push_back(std::move(*checkpoint));
    }
    return found;
  }
  // All that they say is true, each is signed by the key whose turn it is; how many.
  std::size_t check() const {
    const auto lines = all_lines(config_.directory);
    MerkleRange tree;
    std::optional<NoteKey> key;
    std::uint64_t epoch = 1;
    std::size_t count = 0;
    for (const std::string& text : lines) {
      const auto line = parse_line(text);
      if (const auto made = checkpoint_of(std::get<Line>(line).members)) {
        if (made->checkpoint.key) key = made->checkpoint.key;
        EXPECT_EQ(made->checkpoint.size, tree.end());
        EXPECT_EQ(made->checkpoint.root, tree.root());
        EXPECT_EQ(made->checkpoint.epoch, epoch);
        EXPECT_TRUE(key && is_signed_by(*parse_note(made->note), *key));
        if (made->checkpoint.next_key) {
          key = made->checkpoint.next_key;
          ++epoch;
        }
        ++count;
      }
      tree.append(leaf_hash(text));
    }
    EXPECT_EQ(trouble_with(config_.directory), "");
    return count;
  }

  Scratch scratch_;
  LogConfig config_;
  std::atomic<std::int64_t> now_{kNow};
};

// Who reads it to its end has its last words: the close and the checkpoint of all of it.
TEST_F(Signed, EndsOnceAndSaysHowFar) {
  auto opened = Log::open(config_, now_);
  const auto log = std::get<std::unique_ptr<Log>>(std::move(opened));
  ASSERT_NE(log->append(numbered(1), now_), 0u);
  log->end();
  const auto lines = all_lines(config_.directory);
  EXPECT_EQ(log->durable_seq(), lines.size());
  ASSERT_GE(lines.size(), 2u);
  EXPECT_NE(lines[lines.size() - 2].find("\"type\":\"log.close\""), std::string::npos);
  EXPECT_NE(lines.back().find("\"type\":\"log.checkpoint\""), std::string::npos);
  EXPECT_EQ(log->append(numbered(2), now_), 0u);
  log->end();
  EXPECT_EQ(all_lines(config_.directory), lines);
}

TEST_F(Signed, AtStartAndAtTheEnd) {
  run(1, 5);
  EXPECT_EQ(check(), 2u);
  const auto lines = all_lines(config_.directory);
  EXPECT_NE(lines.front().find("\"type\":\"log.open\",\"heartbeat_s\":60,"), std::string::npos);
  EXPECT_NE(lines[lines.size() - 2].find("\"type\":\"log.close\""), std::string::npos);
  EXPECT_TRUE(checkpoints().front().checkpoint.key.has_value());
  run(6, 9);
  EXPECT_EQ(check(), 4u);
}

TEST_F(Signed, KeysAreForTheirOwnerOnly) {
  run(1, 1);
  struct stat status {};
  ASSERT_EQ(::stat((config_.signing.keys / "signing.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(config_.signing.keys.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  fs::permissions(config_.signing.keys / "signing.key", fs::perms(0640));
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos) << refusal();
}

TEST_F(Signed, ANewEpochHasANewKeyAndTheOldOneIsGone) {
  config_.signing.epoch_us = 1'000'000;
  run(1, 2);
  const std::string old = read_file(config_.signing.keys / "signing.key");
  now_ += 5'000'000;
  run(3, 4);  // the checkpoint at its start names the second key; what follows is signed by it
  EXPECT_EQ(check(), 4u);
  EXPECT_EQ(checkpoints()[2].checkpoint.epoch, 1u);
  EXPECT_EQ(checkpoints()[3].checkpoint.epoch, 2u);
  const std::string fresh = read_file(config_.signing.keys / "signing.key");
  EXPECT_NE(fresh.find("\nepoch 2\n"), std::string::npos);
  EXPECT_NE(fresh.substr(fresh.find("seed ")), old.substr(old.find("seed ")));
  EXPECT_FALSE(fs::exists(config_.signing.keys / "next.key"));
}

// The process may end between any two steps of a change of keys.
TEST_F(Signed, AChangeOfKeysThatWasCutShortIsCompleted) {
  config_.signing.epoch_us = 1'000'000;
  run(1, 2);
  const fs::path current = config_.signing.keys / "signing.key", next = config_.signing.keys / "next.key";
  const std::string first = read_file(current);
  now_ += 5'000'000;
  config_.signing.epoch_us = 3'600'000'000;
  {  // made, never named
    auto keys = Keyring::open(config_.signing.keys);
    ASSERT_FALSE(std::get<std::optional<Keyring>>(keys)->prepare(now_));
  }
  ASSERT_TRUE(fs::exists(next));
  run(3, 3);
  EXPECT_FALSE(fs::exists(next));
  EXPECT_EQ(read_file(current), first);
  config_.signing.epoch_us = 1'000'000;
  {  // named by the last checkpoint, and not yet in force
    auto opened = Log::open(config_, now_);
    ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Log>>(opened));
    const std::string second = read_file(current);
    opened = std::string();
    // As it was before commit(); the log's end was signed by the second key, so it is cut off as a crash would.
    fs::rename(current, next);
    write_file(current, first);
    fs::permissions(current, fs::perms(0600));
    auto lines = all_lines(config_.directory);
    std::string kept;
    for (const std::string& line : lines) {
      kept += line + "\n";
      if (line.find("next-key") != line.npos) break;
    }
    write_file(config_.directory / "000001.jsonl", kept);
    config_.signing.epoch_us = 3'600'000'000;
    run(4, 4);
    EXPECT_EQ(read_file(current), second);
  }
  EXPECT_FALSE(fs::exists(next));
  check();
}

TEST_F(Signed, LogAndKeysBelongTogether) {
  run(1, 3);
  const fs::path keys = config_.signing.keys, log = config_.directory;
  fs::rename(keys, scratch_.path() / "k");
  EXPECT_NE(refusal().find("signing key of this log is missing"), std::string::npos) << refusal();
  ASSERT_TRUE(std::holds_alternative<Keyring>(Keyring::create(keys, "test", kNow)));
  EXPECT_NE(refusal().find("belongs to the log"), std::string::npos) << refusal();
  fs::remove_all(keys);
  fs::rename(scratch_.path() / "k", keys);
  fs::rename(log, scratch_.path() / "l");
  EXPECT_NE(refusal().find("the log was taken away"), std::string::npos) << refusal();
  LogConfig unsigned_config = config_;
  unsigned_config.signing.keys.clear();
  fs::remove_all(log);
  write_records(unsigned_config, 1, 3);
  EXPECT_NE(refusal().find("the log was taken away"), std::string::npos) << refusal();
  fs::remove_all(keys);
  EXPECT_NE(refusal().find("signing key of this log is missing"), std::string::npos) << refusal();
}

TEST_F(Signed, AKeyOfAnotherTimeIsRefused) {
  config_.signing.epoch_us = 1'000'000;
  run(1, 2);
  fs::copy(config_.signing.keys, scratch_.path() / "old", fs::copy_options::recursive);
  now_ += 5'000'000;
  run(3, 4);
  fs::remove_all(config_.signing.keys);
  fs::rename(scratch_.path() / "old", config_.signing.keys);
  EXPECT_NE(refusal().find("not of the same time"), std::string::npos) << refusal();
}

TEST_F(Signed, AFirstStartThatWasCutShortIsMadeGood) {
  run(1, 1);
  fs::remove_all(config_.directory);
  fs::create_directory(config_.directory);
  fs::remove_all(config_.signing.keys);
  ASSERT_TRUE(std::holds_alternative<Keyring>(Keyring::create(config_.signing.keys, "test", kNow)));
  LogConfig unsigned_config = config_;  // log.open, and then the crash
  unsigned_config.signing.keys.clear();
  write_records(unsigned_config, 1, 0);
  run(1, 3);
  EXPECT_EQ(check(), 2u);
}

TEST_F(Signed, ACheckpointThatIsNotTrueIsNotWrittenOn) {
  run(1, 3);
  auto lines = all_lines(config_.directory);
  std::string forged, prev;
  for (std::string line : lines) {  // the second record changed, the chain written anew behind it
    if (!prev.empty()) line.replace(line.rfind("\"prev\":\"") + 8, 64, hash_of_line(prev));
    if (line.find("\"n\":2") != line.npos) line.replace(line.find("\"n\":2"), 5, "\"n\":7");
    forged += line + "\n";
    prev = line;
  }
  write_file(config_.directory / "000001.jsonl", forged);
  EXPECT_NE(refusal().find("not of the records before it"), std::string::npos) << refusal();
}

TEST_F(Signed, OneComesForNewRecordsAndWhenIdle) {
  std::mutex mutex;
  std::condition_variable told;
  std::vector<std::uint64_t> sizes;
  auto anchor = std::make_shared<Counting>();
  anchor->on_put = [&](const SignedCheckpoint& made) {
    const std::lock_guard lock(mutex);
    sizes.push_back(made.checkpoint.size);
    told.notify_all();
  };
  config_.signing.anchors.push_back(anchor);
  config_.signing.checkpoint_us = 1000;
  auto opened = Log::open(config_, now_);
  auto log = std::get<std::unique_ptr<Log>>(std::move(opened));
  std::unique_lock lock(mutex);
  told.wait(lock, [&] { return sizes == std::vector<std::uint64_t>{1}; });
  log->append(numbered(1), now_);
  told.wait(lock, [&] { return sizes.back() == 3; });  // open, checkpoint, record
  now_ += 60'000'000;
  told.wait(lock, [&] { return sizes.back() == 4; });
  lock.unlock();
  log.reset();
  EXPECT_GE(sizes.back(), 6u);  // the close
  check();
}

TEST_F(Signed, ManyCheckpointsUnderLoad) {
  config_.signing.checkpoint_us = 200;
  config_.signing.epoch_us = 20'000;
  config_.signing.unix_us = [this] { return now_ += 1000; };
  std::atomic<int> made{0};
  auto anchor = std::make_shared<Counting>();
  anchor->on_put = [&](const SignedCheckpoint&) { ++made; };
  config_.signing.anchors.push_back(anchor);
  std::uint64_t n = 0;
  for (int round = 1; round <= 4; ++round) {
    auto opened = Log::open(config_, now_);
    auto log = std::get<std::unique_ptr<Log>>(std::move(opened));
    while (made < 5 * round) {
      log->append(numbered(n++), now_);
      if (n % 50 == 0) {
        ASSERT_TRUE(log->flush());
      }
    }
  }
  EXPECT_GE(check(), 20u);
  EXPECT_GT(checkpoints().back().checkpoint.epoch, 2u);
  EXPECT_EQ(numbers_in(config_.directory).size(), n);
}

}  // namespace
}  // namespace pgward::audit
