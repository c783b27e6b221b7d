// The parts of the officer's questions that need no trail: dates, forms of an answer, keys, and what makes a case for review.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <sstream>

#include "audit/complete.h"
#include "proxy/questions/answer.h"
#include "proxy/questions/people.h"
#include "proxy/questions/review_rules.h"
#include "proxy/questions/rows.h"
#include "proxy/questions/when.h"

namespace pgward::proxy {
namespace {

struct WhenCase {
  const char *name, *text;
  bool last;
  const char* expected;  // empty: no date
};
class When : public testing::TestWithParam<WhenCase> {
 protected:
  void SetUp() override {
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
  }
  void TearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }
};

TEST_P(When, IsRead) {
  const auto at = when(GetParam().text, GetParam().last);
  EXPECT_EQ(at ? utc_text(*at) : "", GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(, When, testing::Values(
    WhenCase{"day_of_utc", "2026-11-22Z", false, "2026-11-22T00:00:00.000000Z"},
    WhenCase{"end_of_a_day_of_utc", "2026-11-22Z", true, "2026-11-22T23:59:59.999999Z"},
    WhenCase{"day_here", "2026-11-22", false, "2026-11-21T23:00:00.000000Z"},
    WhenCase{"end_of_a_day_here", "2026-11-22", true, "2026-11-22T22:59:59.999999Z"},
    WhenCase{"a_day_of_25_hours", "2026-10-25", true, "2026-10-25T22:59:59.999999Z"},
    WhenCase{"last_of_a_year", "2026-12-31Z", true, "2026-12-31T23:59:59.999999Z"},
    WhenCase{"minute", "2026-11-22T14:30Z", false, "2026-11-22T14:30:00.000000Z"},
    WhenCase{"whole_minute", "2026-11-22T14:30Z", true, "2026-11-22T14:30:59.999999Z"},
    WhenCase{"second_here", "2026-11-22 14:30:05", true, "2026-11-22T13:30:05.999999Z"},
    WhenCase{"zone", "2026-11-22T14:30:05+02:00", false, "2026-11-22T12:30:05.000000Z"},
    WhenCase{"fraction", "2026-11-22T14:30:05.12Z", true, "2026-11-22T14:30:05.120000Z"},
    WhenCase{"as_in_the_log", "2026-11-22T14:30:05.123456Z", false, "2026-11-22T14:30:05.123456Z"},
    WhenCase{"finer_than_the_log", "2026-11-22T14:30:05.1234567899Z", false, "2026-11-22T14:30:05.123456Z"},
    WhenCase{"no_day", "2026-02-30", false, ""}, WhenCase{"word", "yesterday", false, ""}, WhenCase{"nothing", "", false, ""},
    WhenCase{"more", "2026-11-22Zx", false, ""}, WhenCase{"hour_24", "2026-11-22T24:00", false, ""}, WhenCase{"half", "2026-11", false, ""}),
    [](const auto& one) { return one.param.name; });

TEST(TextForms, AreThoseThatPostgresMayPrint) {
  EXPECT_EQ(text_forms("17"), (std::vector<std::string>{"17"}));
  EXPECT_EQ(text_forms("007"), (std::vector<std::string>{"007", "7"}));
  EXPECT_EQ(text_forms("-000"), (std::vector<std::string>{"-000", "0"}));
  EXPECT_EQ(text_forms("AAAAAAAA-0000-4000-8000-00000000000B"), (std::vector<std::string>{"AAAAAAAA-0000-4000-8000-00000000000B", "aaaaaaaa-0000-4000-8000-00000000000b"}));
  EXPECT_EQ(text_forms("M-17"), (std::vector<std::string>{"M-17"}));
  EXPECT_EQ(text_forms(""), (std::vector<std::string>{""}));
}

TEST(KeyForms, OfOneColumnAndOfSeveral) {
  EXPECT_EQ(key_forms("17"), (std::vector<std::string>{"2:17,"}));
  EXPECT_EQ(key_forms("[17,\"x\"]"), (std::vector<std::string>{"8:[17,\"x\"],", "2:17,1:x,"}));
  EXPECT_EQ(key_forms("[17"), (std::vector<std::string>{"3:[17,"}));
}

TEST(KeysGiven, ALineEachFromStandardInput) {
  std::istringstream in("17\n\n[1,\"x\"]\n18");
  EXPECT_EQ(keys_given({"5", "-", "6"}, in), (std::vector<std::string>{"5", "17", "[1,\"x\"]", "18", "6"}));
}

TEST(KeysGiven, LinesOfAFileFromElsewhere) {
  std::istringstream in("17\r\n\r\n18\r\n");
  EXPECT_EQ(keys_given({"-"}, in), (std::vector<std::string>{"17", "18"}));
}

TEST(CsvField, IsNoFormulaAndNoNewRow) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(csv_field("@x"), "\"'@x\"");
  EXPECT_EQ(csv_field("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_field("a;=1+1"), "\"a;'=1+1\"");
  EXPECT_EQ(csv_field(" \xEF\xBC\x9D" "1"), "\"' \xEF\xBC\x9D" "1\"");
  EXPECT_EQ(csv_field("a\nb").find('\n'), std::string::npos);
}

TEST(Rendered, NothingThatATerminalObeys) {
  Answer answer;
  answer.columns = {"user"};
  answer.rows = {{{"user", "\x1b[2Jeve\r\n\x7f"}}};
  answer.notes = {"\x1b]0;x\x07"};
  answer.summary["x"] = "\x1b";
  answer.source["directory"] = "\x1b";
  for (const Form form : {Form::text, Form::csv, Form::json})
    for (const char c : rendered(answer, form)) EXPECT_TRUE(c == '\n' || c == '\r' || (c >= 0x20 && c != 0x7f)) << static_cast<int>(c);
}

TEST(TouchOf, AsksForTheStrongest) {
  const Json record = Json::parse(R"({"touched":[{"table":"a","mode":"pred","subjects":["x"]},{"table":"b","mode":"keys","subjects":["y","x"]},
                                      {"table":"c","mode":"keys","subjects":["z"]},{"mode":7,"subjects":[7]},3]})");
  const Touch touch = touch_of(record, {"x"});
  EXPECT_EQ(touch.mode, "keys");
  EXPECT_EQ(touch.tables, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(label_of(touch_of(record, {"none"}).mode), "unknown");
}

// A record as the Completer would give it.
audit::CompleteEvent event(std::uint64_t seq, const std::string& ts, const std::string& members) {
  audit::CompleteEvent made;
  made.seq = seq;
  made.ts = ts;
  made.record = Json::parse("{" + members + "}");
  made.type = text_in(made.record, "type");
  return made;
}
constexpr const char* kAnna = R"(,"actor":{"sub":"anna@x"})";

std::vector<std::string> rules_found(const ReviewQueue& queue) {
  std::vector<std::string> rules;
  for (const ReviewCase& one : queue.cases()) rules.push_back(one.rule + " " + one.about);
  std::sort(rules.begin(), rules.end());
  return rules;
}

TEST(ReviewQueue, MakesCases) {
  ReviewRules rules;
  rules.begin_hour = 0;
  rules.end_hour = 24;
  rules.people_a_day = 3;
  rules.refusals = 2;
  rules.failures = 2;
  rules.watched = {"vip"};
  rules.own["anna@x"] = {"self"};
  ReviewQueue queue(rules);
  const std::string monday = "2026-11-23T10:00:00.000000Z", sunday = "2026-11-22T10:00:00.000000Z";
  const auto touch = [&](std::uint64_t seq, const std::string& day, const std::string& who, const std::string& people) {
    queue.take(event(seq, day, R"("type":"stmt.read","touched":[{"mode":"keys","subjects":[)" + people + "]}],\"actor\":{\"sub\":\"" + who + "\"}"));
  };
  touch(1, monday, "anna@x", R"("p1","p2")");
  EXPECT_EQ(rules_found(queue), (std::vector<std::string>{}));
  touch(2, monday, "anna@x", R"("p1","self")");
  touch(3, monday, "bob@x", R"("vip","self")");
  queue.take(event(4, monday, std::string(R"("type":"stmt.deny")") + kAnna));
  queue.take(event(5, monday, R"("type":"auth.fail","src":{"ip":"192.0.2.1"})"));
  EXPECT_EQ(rules_found(queue), (std::vector<std::string>{"many-people anna@x", "own-record anna@x", "watched-person bob@x"}));
  queue.take(event(6, monday, std::string(R"("type":"stmt.deny")") + kAnna));
  queue.take(event(7, monday, R"("type":"auth.fail","src":{"ip":"192.0.2.1"})"));
  touch(8, sunday, "bob@x", R"("p1")");
  queue.take(event(9, monday, std::string(R"("type":"break_glass.open","break_glass":"g1","reason":"care")") + kAnna));
  EXPECT_EQ(rules_found(queue), (std::vector<std::string>{"after-hours bob@x", "break-glass anna@x", "failed-log-ins 192.0.2.1", "many-people anna@x", "own-record anna@x", "refusals anna@x", "watched-person bob@x"}));
  queue.take(event(10, monday, R"("type":"break_glass.sign_off","signs":"g1","actor":{"sub":"carl@x"})"));
  for (const ReviewCase& one : queue.cases()) {
    EXPECT_EQ(one.signed_by, one.rule == "break-glass" ? "carl@x" : "") << one.rule;
    EXPECT_EQ(one.id.size(), 16u);
  }
}

TEST(ReviewQueue, TheFirstSignOffCountsThatHasSeenItAllAndIsBySomebodyElse) {
  ReviewRules rules;
  rules.refusals = 1;
  ReviewQueue queue(rules);
  const auto deny = [&](std::uint64_t seq) { queue.take(event(seq, "2026-11-23T10:00:00.000000Z", std::string(R"("type":"stmt.deny")") + kAnna)); };
  const auto signed_by = [&] { return queue.cases().at(0).signed_by; };
  deny(5);
  const std::string id = queue.cases().at(0).id;
  queue.signed_off(id, {"anna", "", "in-order", "t0", 6});
  queue.signed_off(id, {"pgward", "pgward (login anna)", "in-order", "t1", 6});
  EXPECT_EQ(signed_by(), "");
  queue.signed_off(id, {"bob", "bob", "explained", "t2", 7});
  queue.signed_off(id, {"carl", "carl", "incident", "t3", 8});
  EXPECT_EQ(signed_by(), "bob");
  EXPECT_EQ(queue.cases().at(0).result, "explained");
  deny(8);
  EXPECT_EQ(signed_by(), "carl") << "bob has not seen this one";
  deny(9);
  EXPECT_EQ(signed_by(), "");
}

TEST(SamePerson, ByEitherName) {
  EXPECT_TRUE(same_person("anna", "anna@x"));
  EXPECT_TRUE(same_person("anna@x", "anna@x"));
  EXPECT_TRUE(same_person("pgward (login anna)", "anna@x"));
  EXPECT_TRUE(same_person("anna (login root)", "anna@x"));
  EXPECT_FALSE(same_person("pgward (login bob)", "anna@x"));
  EXPECT_FALSE(same_person("", ""));
}

}  // namespace
}  // namespace pgward::proxy
