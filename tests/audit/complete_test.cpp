#include "audit/complete.h"

#include <gtest/gtest.h>

#include "audit/event.h"
#include "audit/log_record.h"

namespace pgward::audit {
namespace {

using Json = nlohmann::ordered_json;

const std::string kHash(64, 'a'), kOther(64, 'b');

std::string who(std::string_view subject, std::string_view credential = "jti-1") {
  Actor actor{"https://idp.test", std::string(subject), "clinician", "jwt", std::string(credential), 1'800'000'000, {{"clinic_id", "12"}}, true};
  return session_members(actor, {"10.0.0.7", 51000, "ehr", "TLSv1.3"}, {"db-1", "ehr", "pgward_app"});
}

std::string opened(std::string_view session, std::string_view subject = "u-1") { return members(SessionOpen{who(subject), session, kHash}); }

std::string full(std::string_view session, std::uint64_t number, std::string_view table = "public.patients", std::string_view subject = "u-1", const StatementOutcome* outcome = nullptr) {
  const std::vector<TouchedTable> tables{{std::string(table), 'R', {"id", "name"}, false, {"name"}}};
  const std::string all = who(subject);
  const StatementText text{all, "SELECT", kHash, 40, kOther, true, &tables};
  return members(StatementRead{session, number, &text, 0, outcome});
}
std::string like(std::string_view session, std::uint64_t number, std::uint64_t as, const std::string* sql = nullptr) {
  StatementText text;
  if (sql != nullptr) text.sql_sha256 = *sql;
  text.sql_bytes = 41;
  return members(StatementIntent{session, number, sql != nullptr ? &text : nullptr, as});
}
std::string result(std::string_view session, std::uint64_t number) { return members(StatementResult{session, number, {3, "00000"}}); }

class Complete : public testing::Test {
 protected:
  std::string line(std::string_view members) {
    std::string out;
    append_line(out, {"pgward/1", 1, ++seq_, members, {}, kNoHash, {}}, 1'763'786'700'123'456);
    return out;
  }
  CompleteEvent feed(std::string_view members) {
    auto answer = completer_.feed(line(members));
    EXPECT_TRUE(std::holds_alternative<CompleteEvent>(answer)) << members;
    return std::get<CompleteEvent>(std::move(answer));
  }
  std::uint64_t seq_ = 0;
  Completer completer_;
};

TEST_F(Complete, ARecordInFullKeepsItsMembersAndTheirOrder) {
  const std::string told = line(full("s1", 1));
  const auto event = std::get<CompleteEvent>(completer_.feed(told));
  EXPECT_EQ(event.record.dump(), told);
  EXPECT_EQ(event.missing, Missing::nothing);
  EXPECT_EQ(event.type, "stmt.read");
  EXPECT_EQ(event.log, "pgward/1");
  EXPECT_EQ(event.seq, 1u);
  EXPECT_EQ(event.ts, "2025-11-22T04:45:00.123456Z");
  EXPECT_EQ(event.hash, hex_of(leaf_hash(told)));
  EXPECT_EQ(event.text("actor", "sub"), "u-1");
  EXPECT_EQ(event.text("actor", "cred"), "") << "not a text";
}

TEST_F(Complete, ShortRecordsGetWhatTheyLeaveOut) {
  feed(opened("s1"));
  feed(full("s1", 1));
  for (const auto& [short_form, sql] : {std::pair{like("s1", 2, 1), kHash}, {like("s1", 3, 1, &kOther), kOther}, {result("s1", 3), kOther}, {result("s1", 1), kHash}}) {
    const auto event = feed(short_form);
    EXPECT_EQ(event.missing, Missing::nothing) << short_form;
    EXPECT_EQ(event.text("actor", "sub"), "u-1");
    EXPECT_EQ(event.text("op"), "SELECT");
    EXPECT_EQ(event.text("policy"), kOther) << "the statement's, not the session's";
    EXPECT_EQ(event.text("sql", "sha256"), sql);
    ASSERT_NE(event.find("tables"), nullptr);
    EXPECT_EQ((*event.find("tables"))[0]["table"], "public.patients");
    EXPECT_EQ(std::prev(event.record.end()).key(), "prev");
  }
}

TEST_F(Complete, FurtherPartsOfAStatementAreItsOwn) {
  feed(opened("s1"));
  feed(full("s1", 1));
  feed(like("s1", 7, 1));
  feed(result("s1", 7));
  const auto event = feed(R"("type":"stmt.touch","session":"s1","statement":7,"touched":[{"table":"public.patients","mode":"keys","subjects":["00"]}])");
  EXPECT_EQ(event.missing, Missing::nothing);
  EXPECT_EQ(event.text("op"), "SELECT");
  EXPECT_EQ((*event.find("touched"))[0]["mode"], "keys");
  EXPECT_EQ(feed(result("s1", 7)).find("touched"), nullptr) << "what one record touched is not the next one's";
}

TEST_F(Complete, SessionsAreNotMixedUp) {
  feed(opened("s1", "u-1"));
  feed(opened("s2", "u-2"));
  feed(full("s1", 1, "public.patients", "u-1"));
  feed(full("s2", 1, "public.visits", "u-2"));
  const auto one = feed(like("s1", 2, 1)), two = feed(like("s2", 2, 1));
  EXPECT_EQ(one.text("actor", "sub"), "u-1");
  EXPECT_EQ(two.text("actor", "sub"), "u-2");
  EXPECT_EQ((*one.find("tables"))[0]["table"], "public.patients");
  EXPECT_EQ((*two.find("tables"))[0]["table"], "public.visits");
}

TEST_F(Complete, ARenewedCredentialStandsBesideTheActor) {
  feed(opened("s1"));
  feed(full("s1", 1));
  EXPECT_EQ(feed(result("s1", 1)).find("cred"), nullptr);
  EXPECT_EQ(feed(members(SessionRenew{"s1", "jwt", "jti-2", 1'900'000'000})).text("actor", "sub"), "u-1");
  EXPECT_EQ(feed(like("s1", 2, 1)).text("cred", "id"), "jti-2");
  EXPECT_EQ(feed(full("s1", 3)).text("cred", "id"), "jti-2");
}

TEST_F(Complete, WhatIsNotKnownIsSaid) {
  EXPECT_EQ(feed(like("s1", 2, 1)).missing, Missing::session);
  EXPECT_EQ(feed(members(SessionClose{"s1", "client", 2})).record["incomplete"], "session");
  feed(opened("s1"));
  const auto event = feed(like("s1", 2, 1));
  EXPECT_EQ(event.missing, Missing::statement);
  EXPECT_EQ(event.record["incomplete"], "statement");
  EXPECT_EQ(event.text("actor", "sub"), "u-1") << "what is known is there";
  EXPECT_EQ(feed(result("s1", 9)).missing, Missing::statement);
  EXPECT_EQ(feed(like("s1", 4, 2)).missing, Missing::statement) << "statement 2 was not told in full either";
}

TEST_F(Complete, TheEndOfASessionAndOfARunForgets) {
  feed(opened("s1"));
  feed(full("s1", 1));
  EXPECT_EQ(feed(members(SessionClose{"s1", "client", 1})).text("actor", "sub"), "u-1");
  EXPECT_EQ(feed(like("s1", 2, 1)).missing, Missing::session);
  feed(opened("s2"));
  feed(full("s2", 1));
  feed(log_open());
  EXPECT_EQ(feed(like("s2", 2, 1)).missing, Missing::session);
}

TEST_F(Complete, WhereToBeginAgain) {
  EXPECT_EQ(completer_.needed_from(), 0u);
  feed(log_open());
  EXPECT_EQ(completer_.needed_from(), 2u);
  feed(opened("s1"));
  feed(opened("s2"));
  feed(full("s1", 1));
  EXPECT_EQ(completer_.needed_from(), 2u);
  feed(members(SessionClose{"s1", "client", 1}));
  EXPECT_EQ(completer_.needed_from(), 3u);
  feed(members(SessionClose{"s2", "client", 0}));
  EXPECT_EQ(completer_.needed_from(), 7u);
}

TEST_F(Complete, WhatBeginsThereGoesOnTheSame) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view members) { lines.push_back(line(members)); };
  add(log_open());
  for (std::uint64_t n = 1; n <= 30; ++n) {
    std::string session = "s";
    session += std::to_string(n % 7);
    if (n % 7 == n) add(opened(session));
    add(n < 14 ? full(session, n) : like(session, n, n % 7 + 7));
    if (n % 3 == 0) add(result(session, n));
    if (n == 20) add(members(SessionClose{"s1", "client", 2}));
  }
  for (std::size_t cut = 1; cut < lines.size(); ++cut) {
    Completer first, second;
    for (std::size_t i = 0; i < cut; ++i) first.feed(lines[i]);
    for (std::size_t i = first.needed_from() - 1; i < cut; ++i) second.feed(lines[i]);
    for (std::size_t i = cut; i < lines.size(); ++i)
      ASSERT_EQ(std::get<CompleteEvent>(first.feed(lines[i])).record.dump(), std::get<CompleteEvent>(second.feed(lines[i])).record.dump()) << cut << " " << i;
  }
}

TEST(CompleteBounded, MemoryHasItsLimitAndWhatIsUsedStays) {
  constexpr std::size_t kMax = 1u << 20;
  Completer completer(kMax);
  std::uint64_t seq = 0;
  const auto feed = [&](std::string_view members) {
    std::string out;
    append_line(out, {"pgward/1", 1, ++seq, members, {}, kNoHash, {}}, 1'763'786'700'123'456);
    return std::get<CompleteEvent>(completer.feed(out));
  };
  feed(opened("hot"));
  feed(full("hot", 1));
  for (std::uint64_t n = 2; n < 20'000; ++n) {
    std::string table = "public.t", session = "s";
    table += std::to_string(n);
    session += std::to_string(n);
    feed(n % 3 == 0 ? full(session, n, table) : n % 3 == 1 ? full("hot", n, table) : like("hot", 5, 1, &kOther));
    ASSERT_LE(completer.bytes(), kMax);
  }
  EXPECT_EQ(feed(like("hot", 30'000, 1)).missing, Missing::nothing);
  EXPECT_EQ(feed(result("hot", 4)).missing, Missing::statement);
  EXPECT_EQ(feed(result("s3", 3)).missing, Missing::session);
}

TEST(CompleteBounded, TheSameStatementOfManySessionsIsKeptOnce) {
  Completer completer;
  std::uint64_t seq = 0;
  for (int n = 0; n < 1000; ++n) {
    std::string session = "s", out;
    session += std::to_string(n);
    append_line(out, {"pgward/1", 1, ++seq, full(session, 1), {}, kNoHash, {}}, 0);
    completer.feed(out);
  }
  EXPECT_LT(completer.bytes(), 1000u * 2000u);
}

struct Hostile {
  const char* name;
  std::string members;
};
class CompleteHostile : public testing::TestWithParam<Hostile> {};

// Whatever it is, it is answered, and what follows is completed as before.
TEST_P(CompleteHostile, IsAnOrdinaryDay) {
  Completer completer;
  std::uint64_t seq = 0;
  const auto feed = [&](std::string_view members) {
    std::string out;
    append_line(out, {"pgward/1", 1, ++seq, members, {}, kNoHash, {}}, 0);
    return completer.feed(out);
  };
  feed(opened("s1"));
  feed(full("s1", 1));
  feed(GetParam().members);
  EXPECT_EQ(std::get<CompleteEvent>(feed(like("s1", 3, 1))).missing, Missing::nothing);
}

std::string deep() {
  std::string text = R"("type":"stmt.read","session":"s2","tables":)";
  text.append(400'000, '[').append(400'000, ']');
  return text;
}

INSTANTIATE_TEST_SUITE_P(, CompleteHostile, testing::Values(
    Hostile{"session_is_a_number", R"("type":"stmt.read","session":7,"statement":1,"like":1)"},
    Hostile{"statement_is_a_text", R"("type":"stmt.read","session":"s1","statement":"1","like":1)"},
    Hostile{"statement_is_negative", R"("type":"stmt.read","session":"s1","statement":-1,"like":1)"},
    Hostile{"statement_is_huge", R"("type":"stmt.read","session":"s1","statement":99999999999999999999,"like":1)"},
    Hostile{"a_number_beyond_doubles", R"("type":"stmt.read","session":"s1","statement":2,"like":1e999)"},
    Hostile{"like_itself", R"("type":"stmt.read","session":"s1","statement":9,"like":9)"},
    Hostile{"like_is_an_object", R"("type":"stmt.read","session":"s1","statement":9,"like":{})"},
    Hostile{"actor_is_a_text", R"("type":"session.open","session":"s2","actor":"x")"},
    Hostile{"members_stand_twice", R"("type":"stmt.read","session":"s2","session":"s3","statement":1)"},
    Hostile{"prev_stands_twice", R"("type":"stmt.read","session":"s2","prev":{},"statement":1)"},
    Hostile{"not_json", R"("type":"stmt.read",,)"},
    Hostile{"not_utf8", "\"type\":\"stmt.read\",\"x\":\"\xff\""},
    Hostile{"unknown_type", R"("type":"something.new","session":"s2")"},
    Hostile{"very_deep", deep()}), [](const auto& one) { return one.param.name; });

TEST(CompleteNothing, NoRecordIsSaidToBeNone) {
  Completer completer;
  for (const std::string_view text : {"", "{}", "x", "{\"v\":2,\"log\":\"pgward/1\"", "[1]"}) EXPECT_TRUE(std::holds_alternative<LineFault>(completer.feed(text))) << text;
  EXPECT_EQ(completer.needed_from(), 0u);
}

}  // namespace
}  // namespace pgward::audit
