#include "audit/inbox.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/index/shelf.h"
#include "audit/keeper.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

struct InboxCase {
  const char* name;
  const char* record;
  bool taken;
};
class InboxRecord : public testing::TestWithParam<InboxCase> {};

TEST_P(InboxRecord, IsTakenOrNot) {
  const std::string members = inbox_members(GetParam().record, 7);
  EXPECT_EQ(!members.empty(), GetParam().taken) << members;
  if (!members.empty()) {
    EXPECT_TRUE(members.starts_with(R"("type":")")) << members;
    EXPECT_TRUE(members.ends_with(R"("file_owner":7)")) << members;
  }
}
INSTANTIATE_TEST_SUITE_P(, InboxRecord, testing::Values(
    InboxCase{"reading", R"({"type":"trail.read","id":"a","command":"who-saw","pseudonyms":["00"],"records":3})", true},
    InboxCase{"type_need_not_be_first", R"({"id":"a","type":"review.sign","case":"c","result":"fine"})", true},
    InboxCase{"nothing", "", false}, InboxCase{"no_object", "[1]", false}, InboxCase{"no_type", R"({"id":"a"})", false},
    InboxCase{"type_no_text", R"({"type":1})", false}, InboxCase{"cut_off", R"({"type":"trail.read")", false},
    InboxCase{"another_type", R"({"type":"stmt.read","id":"a"})", false},
    InboxCase{"of_the_log", R"({"type":"log.checkpoint","note":"x"})", false},
    InboxCase{"a_member_of_its_own", R"({"type":"trail.read","touched":[]})", false},
    InboxCase{"the_envelope", R"({"type":"trail.read","seq":1})", false},
    InboxCase{"an_actor", R"({"type":"trail.read","actor":{"sub":"x"}})", false},
    InboxCase{"the_owner", R"({"type":"trail.read","file_owner":0})", false},
    InboxCase{"deeper", R"({"type":"trail.read","users":[["x"]]})", false},
    InboxCase{"two_records", R"({"type":"trail.read"}{"type":"trail.read"})", false}),
    [](const auto& one) { return one.param.name; });

TEST(Inbox, GivesEachRecordOnceWhenTheLogTakesIt) {
  Scratch scratch;
  ASSERT_EQ(put_in_inbox(scratch.path(), R"({"type":"trail.read","id":"a"})"), "");
  ASSERT_EQ(put_in_inbox(scratch.path(), R"({"type":"trail.read","id":"b"})"), "");
  std::vector<std::string> recorded;
  EXPECT_TRUE(take_inbox(scratch.path(), [](std::string) { return false; }).empty()) << "the log is down";
  EXPECT_TRUE(take_inbox(scratch.path(), [&](std::string members) { return recorded.push_back(members), true; }).empty());
  EXPECT_EQ(recorded.size(), 2u);
  EXPECT_TRUE(take_inbox(scratch.path(), [&](std::string members) { return recorded.push_back(members), true; }).empty());
  EXPECT_EQ(recorded.size(), 2u);
}

TEST(Inbox, SetsAsideWhatIsNoRecord) {
  Scratch scratch;
  std::filesystem::create_directory(scratch.path() / "inbox");
  write_file(scratch.path() / "inbox" / "wrong.json", R"({"type":"stmt.read","id":"a"})");
  std::filesystem::create_symlink("/etc/passwd", scratch.path() / "inbox" / "link.json");
  std::filesystem::create_directory(scratch.path() / "inbox" / "folder.json");
  const auto never = [](std::string) { return ADD_FAILURE(), true; };
  EXPECT_EQ(take_inbox(scratch.path(), never).size(), 3u);
  EXPECT_EQ(take_inbox(scratch.path(), never).size(), 0u);
}

constexpr const char* kReading = R"({"type":"trail.read","id":"a"})";

TEST(Inbox, SaysWhyItCannotBeUsed) {
  Scratch scratch;
  write_file(scratch.path() / "inbox", "a file");
  EXPECT_NE(put_in_inbox(scratch.path(), kReading), "");
}

// Else it would be set aside later, when the answer has long been shown.
TEST(Inbox, TakesNothingInThatWillNotBeTakenOut) {
  Scratch scratch;
  const auto reading = [](std::size_t more) { return R"({"type":"trail.read","id":"a","command":")" + std::string(more, 'x') + "\"}"; };
  const std::size_t most = (256u << 10) - reading(0).size() - 1;
  EXPECT_NE(put_in_inbox(scratch.path(), reading(most + 1)), "");
  EXPECT_NE(put_in_inbox(scratch.path(), R"({"type":"trail.read","id":"a","odd":1})"), "");
  EXPECT_EQ(put_in_inbox(scratch.path(), reading(most)), "");
  std::size_t taken = 0;
  EXPECT_TRUE(take_inbox(scratch.path(), [&](std::string) { return ++taken > 0; }).empty());
  EXPECT_EQ(taken, 1u);
}

// In a child, since a process cannot take root back. What it answers is its exit status.
int as_nobody(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::setgid(65'534) == 0 && ::setuid(65'534) == 0 && check() ? 0 : 1);
  int status = -1;
  return ::waitpid(child, &status, 0) == child ? status : -1;
}

// pgward runs as a user of its own; an officer may well ask as root.
TEST(Inbox, WhatRootAskedIsTakenByWhoOwnsTheLog) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  Scratch scratch;
  ASSERT_EQ(::chown(scratch.path().c_str(), 65'534, 65'534), 0);
  ASSERT_EQ(put_in_inbox(scratch.path(), R"({"type":"trail.read","id":"a","uid":0})"), "");
  ASSERT_EQ(store_index(scratch.path(), 1, "by root"), "");
  EXPECT_EQ(as_nobody([&] {
    std::string recorded;
    const bool quiet = take_inbox(scratch.path(), [&](std::string members) { return recorded = members, true; }).empty();
    return quiet && recorded.ends_with(R"("file_owner":0)") && store_index(scratch.path(), 1, "anew").empty() && put_in_inbox(scratch.path(), R"({"type":"trail.read","id":"b"})").empty();
  }), 0);
}

TEST(Inbox, WhatCannotBeReadStaysAndIsToldOf) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  Scratch scratch;
  const auto folder = scratch.path() / "inbox";
  for (const char* id : {"a", "b"}) ASSERT_EQ(put_in_inbox(scratch.path(), std::string(R"({"type":"trail.read","id":")") + id + "\"}"), "");
  const auto file = std::filesystem::directory_iterator(folder)->path();
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  for (const auto& place : {scratch.path(), folder}) ASSERT_EQ(::chown(place.c_str(), 65'534, 65'534), 0);
  EXPECT_EQ(as_nobody([&] {
    int taken = 0;
    return take_inbox(scratch.path(), [&](std::string) { return ++taken > 0; }).size() == 1 && taken == 1;
  }), 0);
  EXPECT_TRUE(std::filesystem::exists(file));
  // Nor may a directory that cannot be read pass for one that is not there.
  ASSERT_EQ(::chown(folder.c_str(), 0, 0), 0);
  EXPECT_EQ(as_nobody([&] { return take_inbox(scratch.path(), [](std::string) { return true; }).size() == 1; }), 0);
  EXPECT_EQ(as_nobody([&] { return !put_in_inbox(scratch.path(), kReading).empty(); }), 0);
}

TEST(Inbox, SaysAsWhomItCouldBeDone) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  Scratch scratch;
  ASSERT_EQ(::chmod(scratch.path().c_str(), 0755), 0);
  EXPECT_EQ(as_nobody([&] { return put_in_inbox(scratch.path(), kReading).find("sudo -u '#0'") != std::string::npos; }), 0);
}

// The keeper builds each index itself, and its root is in the log before that counts.
TEST(KeeperIndexes, EachSealedSegmentOnceAndRecordsItsRoot) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 2000;
  write_records(config, 1, 60);
  std::error_code error;
  const auto segments = list_segments(scratch.path(), error);
  ASSERT_GT(segments.size(), 2u);
  ASSERT_EQ(store_index(scratch.path(), 1, "planted"), "");
  std::vector<std::string> recorded;
  bool works = false;
  RetentionConfig retention;
  retention.look_s = 0;
  const auto keep = [&] {
    Keeper keeper(scratch.path(), retention, {[&](std::string members) { return works && (recorded.push_back(members), true); }, [] { return kNow; }});
    keeper.look();
  };
  keep();
  EXPECT_TRUE(recorded.empty());
  works = true;
  keep();
  ASSERT_EQ(recorded.size(), segments.size() - 1);
  auto opened = IndexShelf::open(scratch.path(), {});
  ASSERT_TRUE(std::holds_alternative<IndexShelf>(opened));
  const auto states = std::get<IndexShelf>(opened).states();
  for (std::size_t n = 0; n + 1 < segments.size(); ++n) {
    const auto& state = std::get<std::vector<IndexShelf::State>>(states)[n];
    EXPECT_TRUE(state.stored);
    EXPECT_NE(recorded[n].find(hex_of(state.root)), std::string::npos) << recorded[n];
    EXPECT_NE(recorded[n].find("\"segment\":\"" + segment_name(segments[n])), std::string::npos) << recorded[n];
  }
  keep();
  EXPECT_EQ(recorded.size(), segments.size() - 1);
}

// Each tells of people: none may outlive its segment, nor may half of one.
TEST(KeeperIndexes, SweepsWhatIsLeftOfThem) {
  Scratch scratch;
  LogConfig config = config_for(scratch.path());
  config.segment_bytes = 2000;
  write_records(config, 1, 60);
  RetentionConfig retention;
  retention.look_s = 0;
  const auto keep = [&] { Keeper(scratch.path(), retention, {[](std::string) { return true; }, [] { return kNow; }}).look(); };
  keep();
  const auto at = [&](const std::string& name) { return scratch.path() / "index" / name; };
  ASSERT_TRUE(std::filesystem::exists(at("000001.idx")));
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  const std::string left = "000002.idx.new." + std::to_string(gone), ours = "000002.idx.new." + std::to_string(::getpid()), others = "000002.idx.new.1";
  for (const std::string& name : {left, ours, others}) write_file(at(name), "half");
  std::filesystem::remove(scratch.path() / "000001.jsonl");  // purged, and somebody made its index meanwhile
  keep();
  EXPECT_FALSE(std::filesystem::exists(at("000001.idx")));
  EXPECT_FALSE(std::filesystem::exists(at(left)));
  EXPECT_FALSE(std::filesystem::exists(at(ours)));
  EXPECT_TRUE(std::filesystem::exists(at(others))) << "its maker may be at it";
  EXPECT_TRUE(std::filesystem::exists(at("000002.idx")));
}

}  // namespace
}  // namespace pgward::audit
