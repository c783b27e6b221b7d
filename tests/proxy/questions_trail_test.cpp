// Questions about a trail that was made for them: statements of thousands of records, over many segments, and over the ends of a range.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "../audit/scratch.h"
#include "audit/event.h"
#include "audit/index/shelf.h"
#include "audit/keeper.h"
#include "audit/sha256.h"
#include "audit/timestamp.h"
#include "proxy/questions/questions.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

using audit::kNow;
constexpr std::int64_t kSecond = 1'000'000;
constexpr unsigned kPeople = 2500;

std::string person(unsigned n) { return audit::sha256_hex("person " + std::to_string(n)).substr(0, 32); }
std::string session(const std::string& user) { return audit::sha256_hex("session " + user).substr(0, 32); }
std::string touched(const std::string& mode, const std::string& who) {
  return R"(,"touched":[{"table":"public.patients","mode":")" + mode + "\"" + (who.empty() ? "" : R"(,"subjects":[")" + who + "\"]") + "}]";
}

// An export by anna in 2,500 records, a record a second; then a slow update of hers, while bob does a thousand small things.
class QuestionsOfATrail : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new audit::Scratch;
    audit::LogConfig config = audit::config_for(scratch_->path());
    config.segment_bytes = 32u << 10;
    log_ = audit::open_log(config);
    opens("anna");
    add(statement("anna", 1) + touched("set", ""));
    first_us_ = at_us_;
    for (unsigned n = 0; n < kPeople; ++n) add(R"("type":"stmt.touch","session":")" + session("anna") + R"(","statement":1)" + touched("keys", person(n)));
    add(audit::members(audit::StatementResult{session("anna"), 1, {kPeople, "00000"}}));
    opens("bob");
    add(statement("anna", 2) + touched("pred", person(7)));
    for (unsigned n = 1; n <= 1000; ++n) add(statement("bob", n) + touched("pred", person(9)));
    add(audit::members(audit::StatementResult{session("anna"), 2, {1, "23505"}}));
    ASSERT_TRUE(log_->flush());
    log_.reset();
  }
  static void TearDownTestSuite() { delete scratch_; }

  static void add(const std::string& members) {
    at_us_ += kSecond;
    ASSERT_NE(log_->append(members, at_us_), 0u);
    if (at_us_ / kSecond % 50 == 0) {
      ASSERT_TRUE(log_->flush());
    }
  }
  static std::string session_members(const std::string& user) {
    audit::Actor actor;
    actor.issuer = "https://idp";
    actor.subject = user;
    actor.role = "clinician";
    actor.credential_id = "credential of " + user;
    return audit::session_members(actor, {"192.0.2.1", 4, "app", ""}, {"db", "ehr", "app"});
  }
  static void opens(const std::string& user) { add(audit::members(audit::SessionOpen{session_members(user), session(user), "ab"})); }
  static std::string statement(const std::string& user, std::uint64_t number) {
    static const std::vector<audit::TouchedTable> tables{{"public.patients", 'R', {"last_name"}, false, {"name"}}};
    const std::string members = session_members(user);
    audit::StatementText text;
    text.session_members = members;
    text.kind = "SELECT";
    text.sql_sha256 = "00";
    text.tables = &tables;
    return audit::members(audit::StatementRead{session(user), number, &text, 0, nullptr});
  }

  Asking asking(std::int64_t from_us = 0, std::int64_t to_us = 0) {
    Asking asking;
    asking.log = scratch_->path().string();
    asking.json = asking.unrecorded = true;
    if (from_us != 0) asking.from = utc_text(from_us);
    if (to_us != 0) asking.to = utc_text(to_us);
    return asking;
  }
  static Asking about(unsigned n, Asking asking) {
    asking.pseudonyms = {person(n)};
    return asking;
  }
  template <class Wanted>
  Json answer(int (*ask)(const Asking&, const Wanted&), const Asking& asking, const Wanted& wanted) {
    testing::internal::CaptureStdout();
    const int status = ask(asking, wanted);
    const std::string text = testing::internal::GetCapturedStdout();
    EXPECT_EQ(status, 0) << text;
    return Json::parse(text, nullptr, false);
  }

  static inline audit::Scratch* scratch_ = nullptr;
  static inline std::unique_ptr<audit::Log> log_;
  static inline std::int64_t at_us_ = kNow, first_us_ = 0;
};

TEST_F(QuestionsOfATrail, ABreachLeavesNobodyOutOfALongStatement) {
  const auto whole = answer(breach, asking(), Breach{"anna", "", ""});
  EXPECT_EQ(whole["people"], kPeople);
  EXPECT_EQ(whole["viewed_or_changed"], kPeople);
  ASSERT_EQ(whole["may_include"].size(), 1u);
  EXPECT_EQ(whole["may_include"][0]["statements"], 1);
  EXPECT_EQ(whole["may_include"][0]["rows"], kPeople) << "told by the last record, the set by the first";
  EXPECT_EQ(answer(breach, asking(), Breach{"", "credential of anna", ""})["people"], kPeople);
  EXPECT_EQ(answer(breach, asking(kNow), Breach{})["people"], kPeople);
}

TEST_F(QuestionsOfATrail, ABreachCountsWhatIsInItsRange) {
  const auto some = asking(first_us_ + 1000 * kSecond, first_us_ + 1099 * kSecond);
  EXPECT_EQ(answer(breach, some, Breach{"anna", "", ""})["people"], 100);
  EXPECT_EQ(answer(breach, some, Breach{})["people"], 100);
}

TEST_F(QuestionsOfATrail, WhatDidCountsEverybodyOfALongStatement) {
  const auto whole = answer(what_did, asking(), WhatDid{"anna", ""});
  EXPECT_EQ(whole["people_touched"], kPeople);
  ASSERT_EQ(whole["rows"].size(), 3u) << "session.open and two statements";
  EXPECT_EQ(whole["rows"][1]["people"], kPeople);
  EXPECT_EQ(whole["rows"][1]["rows"], kPeople);
  EXPECT_EQ(whole["rows"][2]["sqlstate"], "23505");
  const auto some = answer(what_did, asking(first_us_ + 1000 * kSecond, first_us_ + 1099 * kSecond), WhatDid{"anna", ""});
  EXPECT_EQ(some["people_touched"], 100);
  ASSERT_EQ(some["rows"].size(), 1u);
  EXPECT_EQ(some["rows"][0]["op"], "SELECT");
}

TEST_F(QuestionsOfATrail, WhoSawKnowsHowAStatementEndedHoweverFarAway) {
  const auto export_ = answer(who_saw, about(1200, asking()), WhoSaw{})["rows"];
  ASSERT_EQ(export_.size(), 1u);
  EXPECT_EQ(export_[0]["user"], "anna");
  EXPECT_EQ(export_[0]["how"], "exact");
  EXPECT_EQ(export_[0]["sqlstate"], "00000");
  EXPECT_EQ(export_[0]["type"], "stmt.read");
  const auto slow = answer(who_saw, about(7, asking()), WhoSaw{})["rows"];
  ASSERT_EQ(slow.size(), 2u);
  EXPECT_EQ(slow[1]["how"], "probe");
  EXPECT_EQ(slow[1]["sqlstate"], "23505") << "segments of others' records lie between";
}

TEST_F(QuestionsOfATrail, ATouchIsInTheRangeWhenItsOwnRecordIs) {
  const std::int64_t touch_us = first_us_ + 1201 * kSecond;
  for (const auto& [from, to, expected] : {std::tuple(touch_us, std::int64_t{0}, 1u), std::tuple(touch_us + 1, std::int64_t{0}, 0u), std::tuple(std::int64_t{0}, touch_us - 1, 0u), std::tuple(touch_us, touch_us, 1u)}) {
    EXPECT_EQ(answer(who_saw, about(1200, asking(from, to)), WhoSaw{})["rows"].size(), expected) << utc_text(from) << " " << utc_text(to);
    const auto disclosures = answer(accounting, about(1200, asking(from, to)), WhoSaw{})["rows"];
    ASSERT_EQ(disclosures.size(), expected);
    if (expected > 0) {
      EXPECT_EQ(disclosures[0]["date"], utc_text(touch_us));
    }
  }
}

TEST_F(QuestionsOfATrail, WhatMayIncludeAPersonIsCountedOnce) {
  const auto sets = answer(who_saw, about(1200, asking()), WhoSaw{})["may_include"];
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(sets[0]["rows"], kPeople);
}

// A log of its own for each test, with an index for each segment and its root in the log.
class QuestionsOfALog : public testing::Test {
 protected:
  void add(const std::vector<std::string>& records) {
    const auto log = audit::open_log(config());
    for (const std::string& members : records) {
      ASSERT_NE(log->append(members, kNow), 0u);
      ASSERT_TRUE(log->flush());
    }
  }
  void keep() {
    const auto log = audit::open_log(config());
    audit::RetentionConfig retention;
    retention.look_s = 0;
    audit::Keeper(scratch_.path(), retention, {[&](std::string members) { return log->append(std::move(members), kNow) != 0 && log->flush(); }, [] { return kNow; }}).look();
  }
  audit::LogConfig config() const {
    audit::LogConfig config = audit::config_for(scratch_.path());
    config.segment_bytes = 2000;
    return config;
  }
  // The same index, valid in itself, without some of its entries.
  void bend(audit::SegmentNumber number, audit::IndexKind kind) {
    const audit::Fd fd(::open(scratch_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto built = std::get<audit::BuiltIndex>(audit::build_index(fd.get(), number, false));
    built.entries[static_cast<std::size_t>(kind)].clear();
    ASSERT_EQ(audit::store_index(scratch_.path(), number, render(built)), "");
  }
  template <class Wanted>
  std::pair<int, Json> answer(int (*ask)(const Asking&, const Wanted&), const Wanted& wanted, bool verify = false) {
    Asking asking;
    asking.log = scratch_.path().string();
    asking.json = asking.unrecorded = asking.all = true;
    asking.verify = verify;
    asking.pseudonyms = {person(1)};
    testing::internal::CaptureStdout();
    const int status = ask(asking, wanted);
    return {status, Json::parse(testing::internal::GetCapturedStdout(), nullptr, false)};
  }
  audit::Scratch scratch_;
};

TEST_F(QuestionsOfALog, ABentIndexIsFoundOut) {
  const std::string touch = R"("type":"stmt.touch","session":")" + session("anna") + R"(","statement":1)" + touched("keys", person(1));
  add(std::vector<std::string>(30, touch));
  keep();
  keep();
  std::error_code error;
  const auto segments = audit::list_segments(scratch_.path(), error);
  ASSERT_GT(segments.size(), 4u);
  auto [status, sound] = answer(who_saw, WhoSaw{});
  EXPECT_EQ(status, 0) << sound;
  EXPECT_GT(sound["source"]["index"]["roots_in_the_log"], 3);
  bend(2, audit::IndexKind::subject);
  const auto [bent_status, bent] = answer(who_saw, WhoSaw{});
  EXPECT_EQ(bent_status, 1) << bent;
  EXPECT_EQ(bent["source"]["index"]["roots_that_differ"], 1);
  // And so is one who takes away what the log says of it: not named, or when lines are read, another.
  std::size_t all_bent = 1;
  for (const audit::SegmentNumber number : segments) {
    if (number <= 2 || number == segments.back()) continue;
    bend(number, audit::IndexKind::type);
    ++all_bent;
  }
  const auto hidden = answer(who_saw, WhoSaw{}).second;
  EXPECT_GT(hidden["source"]["index"].value("roots_not_in_the_log", 0), 0) << hidden;
  const auto [verified_status, verified] = answer(who_saw, WhoSaw{}, true);
  EXPECT_EQ(verified_status, 1) << verified;
  EXPECT_EQ(verified["source"]["index"]["roots_that_differ"], all_bent);
}

// A row may become somebody else's: whose it was is touched as well.
TEST_F(QuestionsOfALog, AChangeIsAlsoOfWhoseItWas) {
  const std::string of_anna = R"(,"session":")" + session("anna") + R"(","statement":1)";
  add({R"("type":"stmt.intent")" + of_anna + R"(,"op":"UPDATE","actor":{"sub":"anna"},"tables":[{"table":"public.labs","action":"U","columns":"*"}])",
       R"("type":"stmt.change")" + of_anna + R"(,"changes":[{"table":"public.labs","action":"U","record":")" + person(3) + R"(","record_was":")" + person(1) + R"(","subject":")" + person(2) + R"(","subject_was":")" + person(1) + R"(","columns":[]}])"});
  const Json seen = answer(who_saw, WhoSaw{}).second["rows"];
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["how"], "exact");
  EXPECT_EQ(seen[0]["touched"][0], "public.labs");
  EXPECT_EQ(answer(breach, Breach{"anna", "", ""}).second["people"], 2);
  EXPECT_EQ(answer(what_did, WhatDid{"anna", ""}).second["people_touched"], 2);
  EXPECT_EQ(answer(history, History{"public.labs", ""}).second["rows"].size(), 1u);
}

// Rows may have gone out before a function of the server's raised what it says of rights.
TEST_F(QuestionsOfALog, WhatWasReleasedBeforeARefusalIsADisclosure) {
  const auto read = [](const std::string& number, const std::string& mode, const std::string& rows) {
    return R"("type":"stmt.read","session":")" + session("anna") + R"(","statement":)" + number + R"(,"op":"SELECT","actor":{"sub":"anna"},"tables":[])" + touched(mode, person(1)) + R"(,"rows":)" + rows + R"(,"sqlstate":"42501")";
  };
  add({read("1", "keys", "5"), read("2", "pred", "0")});
  const Json rows = answer(accounting, WhoSaw{}).second["rows"];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["certainty"], "exact");
}

TEST_F(QuestionsOfALog, WhatCannotBeReadIsNotLeftOut) {
  add(std::vector<std::string>(30, R"("type":"auth.fail","src":{"ip":"192.0.2.1"})"));
  keep();
  EXPECT_EQ(answer(logins, Logins{}).first, 0);
  std::fstream file(scratch_.path() / "000002.jsonl", std::ios::in | std::ios::out | std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  file.seekp(static_cast<std::streamoff>(text.find("\"src\"")));
  file << "\"s\"rc";
  file.close();
  EXPECT_EQ(answer(logins, Logins{}).first, 2);
  EXPECT_EQ(answer(query, Query{{"auth.fail"}, "", "", "", "", "", "", "", "", ""}).first, 2);
}

TEST_F(QuestionsOfALog, OfManyRowsTheFirstAreShown) {
  const auto read = [](const std::string& who, int number) {
    return R"("type":"stmt.read","session":")" + session(who) + R"(","statement":)" + std::to_string(number) + R"(,"op":"SELECT","actor":{"sub":"anna"},"tables":[],"sqlstate":"00000")";
  };
  std::vector<std::string> records;
  for (int n = 1; n <= 20; ++n)
    for (const char* who : {"a", "b", "c"}) records.push_back(read(who, n));
  add(records);
  Asking asking;
  asking.log = scratch_.path().string();
  asking.json = asking.unrecorded = true;
  asking.limit = 7;
  testing::internal::CaptureStdout();
  EXPECT_EQ(query(asking, Query{{}, "anna", "", "", "", "", "", "", "", ""}), 0);
  const auto shown = Json::parse(testing::internal::GetCapturedStdout(), nullptr, false);
  ASSERT_EQ(shown["rows"].size(), 7u);
  const std::uint64_t first = shown["rows"][0]["seq"];
  EXPECT_EQ(shown["rows"][6]["seq"], first + 6) << "of three sessions in turn";
  EXPECT_EQ(shown["notes"][0], "only the first 7 rows are shown, and there are more (--limit, --all)");
}

TEST_F(QuestionsOfALog, AnEmergencyMayBeSignedOffAfterTheDaysThatAreAskedFor) {
  add({R"("type":"break_glass.open","session":"s","break_glass":"g1","reason":"care","actor":{"sub":"anna"})"});
  Asking asking;
  asking.log = scratch_.path().string();
  asking.json = asking.unrecorded = asking.all = true;
  asking.to = utc_text(kNow);
  {
    const auto log = audit::open_log(config());
    ASSERT_NE(log->append(R"("type":"break_glass.sign_off","session":"t","signs":"g1","actor":{"sub":"carl"})", kNow + kSecond), 0u);
    ASSERT_TRUE(log->flush());
  }
  testing::internal::CaptureStdout();
  EXPECT_EQ(review(asking, Review{}), 0);
  const auto cases = Json::parse(testing::internal::GetCapturedStdout(), nullptr, false);
  EXPECT_EQ(cases["rows"][0]["signed_by"], "carl") << cases;
}

TEST_F(QuestionsOfALog, ASignOffIsWhoseFileItWas) {
  Review rules;
  rules.refusals = 1;
  const auto signer = [&] {
    const Json whole = answer(review, rules).second;
    for (const Json& one : whole["rows"])
      if (one["rule"] == "refusals") return std::pair(one["case"].get<std::string>(), one["signed_by"].get<std::string>());
    return std::pair<std::string, std::string>();
  };
  const std::string deny = R"("type":"stmt.deny","session":"s","actor":{"sub":"anna"})";
  add({deny});
  const std::string id = signer().first;
  ASSERT_FALSE(id.empty()) << answer(review, rules).second;
  const auto sign = [&](const std::string& uid, const std::string& owner, const std::string& through) {
    add({R"("type":"review.sign","os_user":"somebody else","uid":)" + uid + R"(,"case":")" + id + R"(","result":"in-order")" + through + R"(,"file_owner":)" + owner});
  };
  sign("4000000001", "4000000002", R"(,"through_seq":1000)");
  EXPECT_EQ(signer().second, "") << "another user's file";
  sign("4000000001", "4000000001", "");
  EXPECT_EQ(signer().second, "") << "says not what was seen";
  sign("4000000001", "4000000001", R"(,"through_seq":1000)");
  EXPECT_EQ(signer().second, "4000000001") << "by uid, whatever it says";
  add({deny});
  EXPECT_EQ(signer().second, "") << "something more happened";
}

}  // namespace
}  // namespace pgward::proxy
