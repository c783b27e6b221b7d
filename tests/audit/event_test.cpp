#include "audit/event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/limits.h"

namespace pgward::audit {
namespace {

const Source kSource{"10.0.3.9", 51012, "ehr-web", "TLSv1.3"};

std::string session() {
  Actor actor;
  actor.issuer = "https://idp.test";
  actor.subject = "u-123";
  actor.role = "nurse";
  actor.credential_type = "jwt";
  actor.credential_id = "j-1";
  actor.credential_expires_at = 1'763'787'600;
  actor.tenant = {{"clinic", "12"}, {"a \"region\"", "north"}};
  return session_members(actor, kSource, {"pg-1", "ehr", "pgward_app"});
}

const std::string kSession =
    R"("actor":{"iss":"https://idp.test","sub":"u-123","role":"nurse",)"
    R"("cred":{"type":"jwt","id":"j-1","exp":1763787600}},"tenant":{"clinic":"12","a \"region\"":"north"},)"
    R"("src":{"ip":"10.0.3.9","port":51012,"app":"ehr-web","tls":"TLSv1.3"},)"
    R"("db":{"host":"pg-1","name":"ehr","user":"pgward_app"})";

TEST(Event, SessionMembers) { EXPECT_EQ(session(), kSession); }

TEST(Event, SessionOpen) {
  EXPECT_EQ(members(SessionOpen{kSession, "9f2c", "ab12"}),
            R"("type":"session.open","session":"9f2c",)" + kSession + R"(,"policy":"ab12")");
}

TEST(Event, SessionClose) {
  EXPECT_EQ(members(SessionClose{"9f2c", "idle", 7}),
            R"("type":"session.close","session":"9f2c","reason":"idle","statements":7)");
}

TEST(Event, AuthFail) {
  EXPECT_EQ(members(AuthFail{kSource, "expired"}),
            R"("type":"auth.fail","reason":"expired","src":{"ip":"10.0.3.9","port":51012,"app":"ehr-web","tls":"TLSv1.3"})");
}

const std::vector<TouchedTable> kTables{{"public.patients", 'R', {"id", "last_name"}, false, {"name"}},
                                        {"public.visits", 'U', {}, true, {}}};

StatementText text() {
  StatementText made;
  made.session_members = kSession;
  made.kind = "SELECT";
  made.sql_sha256 = "cd34";
  made.sql_bytes = 99;
  made.policy_sha256 = "ab12";
  made.rewritten = true;
  made.tables = &kTables;
  return made;
}

const std::string kText = kSession + R"(,"op":"SELECT","sql":{"sha256":"cd34","bytes":99},"rewritten":true,"policy":"ab12",)"
                                     R"("tables":[{"table":"public.patients","action":"R","columns":["id","last_name"],"phi":["name"]},)"
                                     R"({"table":"public.visits","action":"U","columns":"*"}])";

TEST(Event, StatementIntent) {
  const StatementText whole = text();
  EXPECT_EQ(members(StatementIntent{"9f2c", 5, &whole, 0}), R"("type":"stmt.intent","session":"9f2c","statement":5,)" + kText);
  EXPECT_EQ(members(StatementIntent{"9f2c", 8, nullptr, 5}), R"("type":"stmt.intent","session":"9f2c","statement":8,"like":5)");
  EXPECT_EQ(members(StatementIntent{"9f2c", 9, &whole, 5}),
            R"("type":"stmt.intent","session":"9f2c","statement":9,"like":5,"sql":{"sha256":"cd34","bytes":99})");
}

TEST(Event, StatementRead) {
  const StatementText whole = text();
  const StatementOutcome two{2, "00000"};
  EXPECT_EQ(members(StatementRead{"9f2c", 5, &whole, 0, &two}),
            R"("type":"stmt.read","session":"9f2c","statement":5,)" + kText + R"(,"rows":2,"sqlstate":"00000")");
  EXPECT_EQ(members(StatementRead{"9f2c", 5, &whole, 0, nullptr}), R"("type":"stmt.read","session":"9f2c","statement":5,)" + kText);
  EXPECT_EQ(members(StatementRead{"9f2c", 6, nullptr, 5, &two}),
            R"("type":"stmt.read","session":"9f2c","statement":6,"like":5,"rows":2,"sqlstate":"00000")");
}

TEST(Event, StatementResult) {
  EXPECT_EQ(members(StatementResult{"9f2c", 5, {2, "00000"}}),
            R"("type":"stmt.result","session":"9f2c","statement":5,"rows":2,"sqlstate":"00000")");
  EXPECT_EQ(members(StatementResult{"9f2c", 5, {0, "\"\n"}}),
            R"("type":"stmt.result","session":"9f2c","statement":5,"rows":0,"sqlstate":"\"\u000a")");
}

// Whatever a statement touches: its record fits, and says what it left out.
TEST(Event, AStatementIsNeverTooLargeForItsRecord) {
  const std::string members_of_session = session();
  for (const std::size_t tables : {50u, 3000u, 50'000u}) {
    std::vector<TouchedTable> all;
    for (std::size_t n = 0; n < tables; ++n) {
      TouchedTable one{"public." + std::string(50, 't') + std::to_string(n), 'R', {}, false, {"name"}};
      for (int c = 0; c < 200; ++c) one.columns.push_back(std::string(50, 'c') + std::to_string(c));
      all.push_back(std::move(one));
    }
    const std::string hash(64, 'a');
    StatementText text{members_of_session, "SELECT", hash, 4u << 20, hash, true, &all};
    StatementIntent intent;
    intent.session_id = "s";
    intent.statement = 1;
    intent.text = &text;
    std::string touched;
    for (std::size_t n = 0; n < tables; ++n) touched += (n > 0 ? "," : "") + std::string(R"({"table":"public.)") + std::string(50, 't') + R"(","mode":"set"})";
    intent.touched = touched;
    const std::string record = members(intent);
    EXPECT_LT(record.size(), kLineBytesMax - kEnvelopeBytesMax - 1024) << tables;
    const auto json = nlohmann::json::parse("{" + record + "}");
    EXPECT_EQ(json.at("shortened").at("tables"), tables);
    EXPECT_EQ(json.at("shortened").at("listed"), json.at("tables").size());
    EXPECT_EQ(json.at("tables")[0].at("columns"), "*");
    EXPECT_EQ(json.contains("touched_shortened"), touched.size() > kTouchedBytesMax);
    EXPECT_GT(json.at("touched").size(), 49u);
  }
}

TEST(Event, StatementDeny) {
  StatementDeny deny;
  deny.session_id = "9f2c";
  deny.statement = 6;
  deny.sql_sha256 = "cd34";
  deny.sql_bytes = 1;
  deny.reason = "unknown_relation";
  deny.sqlstate = "42P01";
  EXPECT_EQ(members(deny), R"("type":"stmt.deny","session":"9f2c","statement":6,"sql":{"sha256":"cd34","bytes":1},)"
                           R"("reason":"unknown_relation","sqlstate":"42P01","object":"")");
}

// Whatever bytes an application name or an object name holds, the record stays one line of JSON.
TEST(Event, HostileTextsStayInTheirStrings) {
  std::string hostile;
  for (int byte = 0; byte < 256; ++byte) hostile += static_cast<char>(byte);
  Actor actor;
  actor.subject = actor.role = actor.issuer = hostile;
  actor.tenant = {{hostile, hostile}};
  const std::string mine = session_members(actor, {hostile, 1, hostile, hostile}, {hostile, hostile, hostile});
  const std::vector<TouchedTable> tables{{hostile, '"', {hostile}, false, {hostile}}};
  StatementText whole;
  whole.session_members = mine;
  whole.kind = hostile;
  whole.tables = &tables;
  const std::string text = "{" + members(StatementIntent{"9f2c", 1, &whole, 0}) + "}";
  EXPECT_TRUE(nlohmann::json::accept(text));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace pgward::audit
