// What triggers tell of changes: told from everything like it, cut up, made into pseudonyms, recorded before the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/sha256.h"
#include "protocol/error_response.h"
#include "proxy/session/change_book.h"
#include "proxy/session/change_notice.h"
#include "proxy/session/row_json.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kWord = "0badc0de";
constexpr std::string_view kContext = "PL/pgSQL function pgward.tell_change() line 15 at RAISE";

Bytes notice(std::string_view text, std::string_view context = kContext, std::string_view severity = "INFO") {
  protocol::Fields fields{{'S', std::string(severity)}, {'V', std::string(severity)}, {'C', "00000"}, {'M', std::string(text)}, {'W', std::string(context)}};
  Bytes out;
  protocol::encode_notice(out, fields);
  return out;
}
std::string told(std::string_view json, std::string_view word = kWord) { return "pgward change " + std::string(word) + " " + std::string(json); }
constexpr std::string_view kUpdate = R"({"table":"public.patients","action":"U","xid":"77","old":{"id":1,"clinic_id":"c","name":"Ada"},"new":{"id":1,"clinic_id":"c","name":"Eve"}})";

ChangeRead read(std::string_view text, std::string_view context = kContext, std::string_view severity = "INFO") {
  return read_change_notice(notice(text, context, severity).substr(5), kWord);
}

struct CutCase {
  const char* name;
  const char* json;
  std::vector<std::pair<std::string, std::string>> fields;
};
class CutTest : public testing::TestWithParam<CutCase> {};
TEST_P(CutTest, reads) {
  const auto fields = json_fields(GetParam().json);
  ASSERT_TRUE(fields);
  std::vector<std::pair<std::string, std::string>> found;
  for (const JsonField& field : *fields) found.emplace_back(field.name, field.value);
  EXPECT_EQ(found, GetParam().fields);
}
INSTANTIATE_TEST_SUITE_P(, CutTest,
                         testing::Values(CutCase{"empty", "{}", {}}, CutCase{"plain", R"({"a":1,"b":"x","c":null,"d":true})", {{"a", "1"}, {"b", "\"x\""}, {"c", "null"}, {"d", "true"}}},
                                         CutCase{"nested", R"({"a":{"b":[1,{"c":"}"}]},"d":[ "]" , 2]})", {{"a", R"({"b":[1,{"c":"}"}]})"}, {"d", R"([ "]" , 2])"}}},
                                         CutCase{"quotes", R"({"a\"b":"c\\","d":"\"}"})", {{"a\"b", R"("c\\")"}, {"d", R"("\"}")"}}},
                                         CutCase{"spaces", "{ \"a\" : 1 ,\n \"b\":2 }", {{"a", "1"}, {"b", "2"}}}),
                         [](const auto& one) { return one.param.name; });

TEST(Cut, WhatIsNoObjectIsNone) {
  for (const auto* text : {"", "{", "}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,}", "{\"a\":[1}", "{a:1}", "{\"a\":\"x}", "{\"a\":{\"b\":1}"})
    EXPECT_FALSE(json_fields(text)) << text;
}

// However deep: a column of type json holds what a user put in.
TEST(Cut, DepthTakesNoStack) {
  const std::string deep = "{\"a\":" + std::string(5'000'000, '[') + std::string(5'000'000, ']') + ",\"b\":1}";
  ASSERT_TRUE(json_fields(deep));
  EXPECT_EQ(json_fields(deep)->size(), 2u);
}

TEST(Cut, TextIsWithoutItsEscapes) {
  EXPECT_EQ(json_text(R"("a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é")"), "a\"\\/\b\f\n\r\té😀é");
  EXPECT_EQ(json_text("17"), "17");
  EXPECT_EQ(json_text("null"), std::nullopt);
  EXPECT_EQ(json_text(R"("\x")"), std::nullopt);
}

TEST(ChangeNoticeTest, IsReadWithItsRows) {
  const ChangeRead found = read(told(kUpdate));
  ASSERT_TRUE(found.ours && found.notice);
  EXPECT_EQ(found.notice->table, "public.patients");
  EXPECT_EQ(found.notice->action, 'U');
  EXPECT_EQ(found.notice->xid, "77");
  EXPECT_FALSE(found.notice->nested);
  ASSERT_EQ(found.notice->after.size(), 3u);
  EXPECT_EQ(found.notice->after[2].value, "\"Eve\"");
  EXPECT_TRUE(read(told(kUpdate), std::string(kContext) + "\nSQL statement \"update ..\"\nPL/pgSQL function f() line 3 at SQL statement").notice->nested);
}

TEST(ChangeNoticeTest, WhatIsLikeItIsNotIt) {
  EXPECT_FALSE(read(told(kUpdate, "guessed!")).ours);
  EXPECT_FALSE(read("pgward change " + std::string(kWord) + "0 {}").ours);
  EXPECT_FALSE(read(" " + told(kUpdate)).ours);
  EXPECT_FALSE(read(told(kUpdate), kContext, "NOTICE").ours);
  EXPECT_FALSE(read_change_notice(notice(told(kUpdate, "")).substr(5), "").ours);
}

// It has the word, so it is not let by, and it is not believed.
TEST(ChangeNoticeTest, WhoeverElseSaysTheWordIsNotBelieved) {
  for (const auto* context : {"", "PL/pgSQL function say(text) line 1 at RAISE", "PL/pgSQL function public.tell_change() line 15 at RAISE", "PL/pgSQL function xpgward.tell_change() line 15 at RAISE",
                              "PL/pgSQL function \"pgward.tell_change() line 15 at RAISE\"() line 1 at RAISE", "PL/pgSQL function \"pgward.tell_change()\"() line 1 at RAISE",
                              "PL/pgSQL \ud568\uc218 \"\"pgward.tell_change()\"()\" \uc758 15\ubc88\uc9f8 RAISE", "PL/pgSQL function say(text) line 1 at RAISE\nPL/pgSQL function pgward.tell_change() line 15 at RAISE",
                              "PL/pgSQL function pgward.tell_change() line 15 at PERFORM", "PL/pgSQL function pgward.tell_change() line  at RAISE"}) {
    const ChangeRead found = read(told(kUpdate), context);
    EXPECT_TRUE(found.ours && !found.notice) << context;
  }
}

// plpgsql's own translations (plpgsql-15.mo): the change is told in whatever language the server speaks.
TEST(ChangeNoticeTest, InEveryLanguage) {
  for (const auto* context : {"PL/pgSQL-Funktion pgward.tell_change() Zeile 15 bei RAISE", "fonction PL/pgSQL pgward.tell_change(), ligne 15 à RAISE", "PL/pgSQL関数pgward.tell_change()の15行目 - RAISE",
                              "PL/pgSQL 함수 \"pgward.tell_change()\" 의 15번째 RAISE", "pgward.tell_change() PL/pgSQL fonksiyonu, 15. satır, RAISE içinde", "функция PL/pgSQL pgward.tell_change(), строка 15, оператор RAISE",
                              "PL/pgSQL 函数 pgward.tell_change() 第 15 行的 RAISE 处"})
    EXPECT_TRUE(read(told(kUpdate), context).notice) << context;
}

TEST(ChangeNoticeTest, OneThatCannotBeReadIsOursAllTheSame) {
  for (const auto* json : {"", "{", "[]", R"({"table":"t","action":"X","xid":"1"})", R"({"table":"t","action":"U","xid":"1; x"})", R"({"action":"U","xid":"1"})", R"({"table":"t","action":"U","xid":"1","old":[]})"}) {
    const ChangeRead found = read(told(json));
    EXPECT_TRUE(found.ours && !found.notice) << json;
  }
}

class ChangeBookTest : public testing::Test {
 protected:
  ChangeBookTest() {
    rule.name = {"public", "patients"};
    rule.record = {"id"};
    rule.subject = {"id"};
    rule.changes = policy::ChangeValues::hash;
  }
  nlohmann::json only(std::string_view json) {
    const ChangeRead found = read(told(json));
    book.add(*found.notice, rule, 5);
    return nlohmann::json::parse(book.take());
  }
  std::string value(const std::string& column, std::string_view text) const {
    std::string out;
    audit::append_pseudonym(out, key->values("public.patients", column).of(text));
    return out;
  }
  std::shared_ptr<const audit::SubjectKey> key = std::make_shared<audit::SubjectKey>("k1", std::string(32, 'k'));
  ChangeBook book{*key, std::string(kWord), "s1", [](std::size_t n) { return std::string(n, 'n'); }};
  policy::TableRule rule;
};

TEST_F(ChangeBookTest, TellsOfAnUpdateOnlyWhatItChanged) {
  const auto change = only(kUpdate);
  std::string record;
  audit::append_pseudonym(record, key->records("public.patients").of("1:1,"));
  EXPECT_EQ(change.at("record"), record);
  EXPECT_EQ(change.at("columns"), nlohmann::json::parse(R"([{"name":"name","old":")" + value("name", "\"Ada\"") + R"(","new":")" + value("name", "\"Eve\"") + "\"}]"));
  EXPECT_FALSE(change.contains("record_was"));
}

TEST_F(ChangeBookTest, InsertsHaveNoBeforeAndDeletesNoAfter) {
  EXPECT_EQ(only(R"({"table":"public.patients","action":"I","xid":"1","new":{"id":1,"name":null}})").at("columns"),
            nlohmann::json::parse(R"([{"name":"id","new":")" + value("id", "1") + R"("},{"name":"name","new":null}])"));
  const auto gone = only(R"({"table":"public.patients","action":"D","xid":"1","old":{"id":1}})");
  EXPECT_EQ(gone.at("columns"), nlohmann::json::parse(R"([{"name":"id","old":")" + value("id", "1") + "\"}]"));
  EXPECT_TRUE(gone.contains("record"));
}

TEST_F(ChangeBookTest, ARecordThatBecomesAnotherIsToldByBothNames) {
  const auto change = only(R"({"table":"public.patients","action":"U","xid":"1","old":{"id":1},"new":{"id":2}})");
  EXPECT_NE(change.at("record"), change.at("record_was"));
  EXPECT_NE(change.at("subject"), change.at("subject_was"));
}

TEST_F(ChangeBookTest, ALargeValueIsTheSameWhoeverHashesIt) {
  const std::string large = '"' + std::string(3000, 'x') + '"';
  const std::string hash = audit::sha256_hex(large);
  const auto here = only(R"({"table":"public.patients","action":"I","xid":"1","new":{"id":1,"doc":)" + large + "}}");
  const auto there = only(R"({"table":"public.patients","action":"I","xid":"1","new":{"id":1},"new_large":{"doc":")" + hash + "\"}}");
  EXPECT_EQ(here.at("columns"), there.at("columns"));
  EXPECT_EQ(here.at("columns")[1].at("new"), value("doc", "sha256:" + hash));
}

TEST_F(ChangeBookTest, SealedCanBeReadWithTheKeyAndInItsPlaceOnly) {
  rule.changes = policy::ChangeValues::encrypted;
  const auto change = only(kUpdate);
  EXPECT_EQ(change.at("values"), "encrypted");
  EXPECT_FALSE(change.contains("columns"));
  const std::string sealed = change.at("sealed");
  EXPECT_EQ(key->unseal(sealed, "s1/5/public.patients"), R"({"old":{"name":"Ada"},"new":{"name":"Eve"}})");
  EXPECT_FALSE(key->unseal(sealed, "s1/6/public.patients"));
}

// A row that would not fit into a record.
TEST_F(ChangeBookTest, TooMuchToSealIsToldByPseudonyms) {
  rule.changes = policy::ChangeValues::encrypted;
  std::string row;
  for (int i = 0; i < 1600; ++i) row += (i > 0 ? ",\"" : "\"") + std::string(55, 'c') + std::to_string(i) + "\":\"" + std::string(1000, 'v') + '"';
  const auto change = only(R"({"table":"public.patients","action":"I","xid":"1","new":{)" + row + "}}");
  EXPECT_EQ(change.at("values"), "hash");
  EXPECT_EQ(change.at("columns").size(), 1600u);
  EXPECT_LT(change.dump().size(), 900'000u);
}

class TellingTest : public testing::Test {
 protected:
  TellingTest() {
    auto world = std::make_shared<World>(*services.world_);
    auto policy = std::make_shared<policy::Policy>(*world->policy);
    for (auto& [name, one] : policy->tables)
      if (one.kind == policy::TableKind::tenant) one.record = {"id"}, one.changes = policy::ChangeValues::hash;
    world->policy = policy;
    services.world_ = world;
    Admitted who = admitted(services.world_);
    who.changes_word = kWord;
    who.subject_key = std::make_shared<audit::SubjectKey>("k1", std::string(32, 'k'));
    relay.emplace(services, std::move(who), Scribe("\"actor\":{}", "s1"));
  }
  std::vector<std::string> client(const Bytes& bytes) {
    Actions actions;
    ByteView input = bytes;
    relay->client(input, actions);
    return lines(actions);
  }
  std::vector<std::string> server(const Bytes& bytes) {
    Actions actions;
    ByteView input = bytes;
    relay->server(input, actions);
    members.clear();
    for (const Action& action : actions.list())
      if (const auto* record = std::get_if<Record>(&action)) members.push_back(record->members);
    return lines(actions);
  }
  FakeServices services;
  std::optional<Relay> relay;
  std::vector<std::string> members;
};

TEST_F(TellingTest, ItIsRecordedBeforeTheClientHearsThatItIsDone) {
  client(query("update patients set name = 'x'"));
  EXPECT_THAT(server(notice(told(kUpdate)) + notice(told(kUpdate)) + complete("UPDATE 2") + ready('I')),
              ElementsAre("record? stmt.change", "record stmt.result", "client C UPDATE 2", "client Z I"));
  EXPECT_THAT(members[0], HasSubstr(R"("statement":1,"xid":"77","changes":[{)"));
  EXPECT_THAT(members[0], Not(HasSubstr("Eve")));
}

TEST_F(TellingTest, EachStatementHasItsOwnRecord) {
  client(query("update patients set name = 'x'; update patients set name = 'y'"));
  EXPECT_THAT(server(notice(told(kUpdate)) + complete("UPDATE 1") + notice(told(kUpdate)) + complete("UPDATE 1") + ready('I')),
              ElementsAre("record? stmt.change", "record stmt.result", "client C UPDATE 1", "record? stmt.change", "record stmt.result", "client C UPDATE 1", "client Z I"));
  EXPECT_THAT(members[2], HasSubstr("\"statement\":2"));
}

TEST_F(TellingTest, ManyDoNotGatherInMemory) {
  client(query("update patients set name = 'x'"));
  Bytes many;
  for (int i = 0; i < 2000; ++i) many += notice(told(kUpdate));
  EXPECT_GT(server(many).size(), 2u);
  for (const auto& record : members) EXPECT_LT(record.size(), 200'000u);
}

TEST_F(TellingTest, WhatIsLikeItGoesToTheScrubber) {
  client(query("update patients set name = 'x'"));
  const auto out = server(notice(told(kUpdate, "guessed!")));
  EXPECT_EQ(out.size(), 1u);
  EXPECT_THAT(out[0], testing::StartsWith("client N"));
  EXPECT_THAT(out[0], Not(HasSubstr("Eve")));
}

TEST_F(TellingTest, WhoeverElseSaysTheWordEndsTheSession) {
  client(query("update patients set name = 'x'"));
  const auto out = server(notice(told(kUpdate), "PL/pgSQL function say(text) line 1 at RAISE"));
  EXPECT_THAT(out, testing::Contains(testing::StartsWith("close")));
  EXPECT_THAT(out, testing::Each(Not(HasSubstr("Eve"))));
}

TEST_F(TellingTest, OneThatCannotBeReadEndsTheSession) {
  client(query("update patients set name = 'x'"));
  EXPECT_THAT(server(notice(told("{"))), testing::Contains(testing::StartsWith("close")));
}

TEST_F(TellingTest, OfATableThatThePolicyKeepsQuietAboutNothingIsTold) {
  client(query("update patients set name = 'x'"));
  EXPECT_THAT(server(notice(told(R"({"table":"public.codes","action":"D","xid":"1","old":{"code":"x"}})"))), IsEmpty());
}

TEST_F(TellingTest, OfALostCommitTheTransactionIsNamed) {
  client(query("begin"));
  server(complete("BEGIN") + ready('T'));
  client(query("update patients set name = 'x'"));
  server(notice(told(kUpdate)) + complete("UPDATE 1") + ready('T'));
  client(query("commit"));
  Actions actions;
  relay->close("upstream closed the connection", actions);
  const auto* end = std::get_if<Record>(&actions.list().front());
  ASSERT_NE(end, nullptr);
  EXPECT_THAT(end->members, HasSubstr(R"("outcome":"unknown","from":2,"through":2,"xid":"77")"));
}

}  // namespace
}  // namespace pgward::proxy::test
