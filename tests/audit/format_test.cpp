#include "audit/format/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/base64.h"
#include "audit/event.h"
#include "audit/format/facts.h"
#include "audit/log_record.h"

namespace pgward::audit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kOne(32, '1'), kTwo(32, '2'), kHash(64, 'a');
const Producer kProducer{"0.1.0"};

std::string who(std::string subject = "u-1") {
  Actor actor{"https://idp.test", std::move(subject), "clinician", "jwt", "jti-1", 1'800'000'000, {{"clinic_id", "12"}}, true};
  return session_members(actor, {"10.0.0.7", 51000, "ehr", "TLSv1.3"}, {"db-1", "ehr", "pgward_app"});
}

std::string read(std::string_view touched, char action = 'R', std::string_view state = "00000", const std::string& session = who()) {
  const std::vector<TouchedTable> tables{{"public.patients", action, {"id", "name"}, false, {"name"}}, {"public.visits", 'R', {}, true, {}}};
  const StatementText text{session, "SELECT", kHash, 40, kHash, true, &tables};
  const StatementOutcome outcome{2, state};
  std::string members = pgward::audit::members(StatementRead{"s1", 7, &text, 0, state.empty() ? nullptr : &outcome});
  if (!touched.empty()) (members += R"(,"touched":)") += touched;
  return members;
}

CompleteEvent event_of(std::string_view members, std::int64_t now_us = 1'763'786'700'123'456) {
  std::string line;
  append_line(line, {"pgward/1", 1, 42, members, {}, kNoHash, {}}, now_us);
  Completer completer;
  auto answer = completer.feed(line);
  EXPECT_TRUE(std::holds_alternative<CompleteEvent>(answer)) << line;
  return std::get<CompleteEvent>(std::move(answer));
}

std::vector<std::string> render(Format format, const CompleteEvent& event, const Producer& producer) {
  std::vector<std::string> all;
  for (Rendering texts(format, event, producer); !texts.done();) all.push_back(texts.next());
  return all;
}

std::vector<Json> rendered(Format format, const CompleteEvent& event) {
  std::vector<Json> all;
  for (const std::string& text : render(format, event, kProducer)) {
    EXPECT_EQ(text.find('\n'), text.npos);
    all.push_back(Json::parse(text));
  }
  return all;
}
Json ocsf(std::string_view members) { return rendered(Format::ocsf, event_of(members)).at(0); }
std::vector<Json> fhir(std::string_view members) { return rendered(Format::fhir, event_of(members)); }

std::string touched() {
  return R"([{"table":"public.patients","mode":"pred","subjects":[")" + kOne + R"("],"sealed":"QUJD"},{"table":"public.visits","mode":"keys","records":[")" + kTwo + R"("],"subjects":[")" + kOne + "\",\"" + kTwo + "\"]}]";
}

TEST(FormatOcsf, AStatementIsDatastoreActivity) {
  const Json out = ocsf(read(touched()));
  EXPECT_EQ(out["class_uid"], 6005);
  EXPECT_EQ(out["category_uid"], 6);
  EXPECT_EQ(out["activity_id"], 4);
  EXPECT_EQ(out["type_uid"], 600504);
  EXPECT_EQ(out["time"], 1'763'786'700'123);
  EXPECT_EQ(out["severity_id"], 1);
  EXPECT_EQ(out["status_id"], 1);
  EXPECT_EQ(out["metadata"]["version"], "1.3.0");
  EXPECT_EQ(out["metadata"]["sequence"], 42);
  EXPECT_EQ(out["metadata"]["product"]["vendor_name"], "pgward");
  EXPECT_EQ(out["actor"]["user"]["uid"], "u-1");
  EXPECT_EQ(out["actor"]["session"]["credential_uid"], "jti-1");
  EXPECT_EQ(out["src_endpoint"]["ip"], "10.0.0.7");
  EXPECT_EQ(out["src_endpoint"]["port"], 51000);
  EXPECT_EQ(out["database"]["name"], "ehr");
  EXPECT_EQ(out["database"]["type_id"], 1);
  EXPECT_EQ(out["table"]["name"], "public.patients");
  EXPECT_EQ(out["query_info"]["query_string"], "sha256:" + kHash);
  EXPECT_EQ(out["unmapped"]["touched"][0]["mode"], "pred");
  EXPECT_EQ(out["unmapped"]["tenant"]["clinic_id"], "12");
  EXPECT_FALSE(out["unmapped"]["touched"][0].contains("sealed"));
}

struct Kind {
  const char* name;
  std::string members;
  int type_uid, severity, status;
  const char* fhir_code;
  const char* fhir_subtype;
  const char* fhir_outcome;
};
class FormatKinds : public testing::TestWithParam<Kind> {};

TEST_P(FormatKinds, EachHasItsClassAndItsCode) {
  const Json out = ocsf(GetParam().members);
  EXPECT_EQ(out["type_uid"], GetParam().type_uid);
  EXPECT_EQ(out["class_uid"].get<int>() / 1000, out["category_uid"].get<int>());
  EXPECT_EQ(out["severity_id"], GetParam().severity);
  EXPECT_EQ(out["status_id"], GetParam().status);
  const auto all = fhir(GetParam().members);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0]["type"]["code"], GetParam().fhir_code);
  EXPECT_EQ(all[0].contains("subtype") ? all[0]["subtype"][0]["code"].get<std::string>() : "", GetParam().fhir_subtype);
  EXPECT_EQ(all[0].value("outcome", ""), GetParam().fhir_outcome);
  EXPECT_FALSE(all[0]["agent"].empty());
  for (const Json& agent : all[0]["agent"]) EXPECT_TRUE(agent["requestor"].is_boolean());
}

INSTANTIATE_TEST_SUITE_P(, FormatKinds, testing::Values(
    Kind{"read", read(""), 600504, 1, 1, "rest", "search", "0"},
    Kind{"read_of_known_patients", read(touched()), 600504, 1, 1, "rest", "read", "0"},
    Kind{"update", read("", 'U'), 600502, 1, 1, "rest", "update", "0"},
    Kind{"insert", read("", 'C'), 600506, 1, 1, "rest", "create", "0"},
    Kind{"delete_", read("", 'D'), 600507, 1, 1, "rest", "delete", "0"},
    Kind{"failed", read("", 'R', "22P02"), 600504, 1, 2, "rest", "search", "8"},
    Kind{"not_ended", read("", 'R', ""), 600504, 1, 0, "rest", "search", ""},
    Kind{"unknown_end", read("", 'R', "unknown"), 600504, 1, 0, "rest", "search", ""},
    Kind{"refused", members(StatementDeny{who(), "s1", 3, kHash, 9, "foreign_tenant", "42501", "public.patients"}), 600504, 3, 2, "rest", "search", "4"},
    Kind{"mismatch", R"("type":"stmt.mismatch","session":"s1","statement":1,"table":"public.patients")", 600504, 5, 2, "rest", "search", "8"},
    Kind{"before_a_commit", R"("type":"tx.commit","session":"s1","statement":3,"from":1,"through":2)", 600599, 1, 0, "110100", "", ""},
    Kind{"committed", R"("type":"tx.end","session":"s1","outcome":"committed","from":1,"through":2)", 600599, 1, 1, "110100", "", "0"},
    Kind{"rolled_back", R"("type":"tx.end","session":"s1","outcome":"rolled_back","from":1,"through":2)", 600599, 1, 2, "110100", "", "8"},
    Kind{"nobody_knows", R"("type":"tx.end","session":"s1","outcome":"unknown","from":1,"through":2)", 600599, 1, 0, "110100", "", ""},
    Kind{"login", members(SessionOpen{who(), "s1", kHash}), 300201, 1, 1, "110114", "110122", "0"},
    Kind{"renewed", members(SessionRenew{"s1", "jwt", "j", 1}), 300299, 1, 1, "110114", "", "0"},
    Kind{"logout", members(SessionClose{"s1", "client", 1}), 300202, 1, 1, "110114", "110123", "0"},
    Kind{"failed_login", members(AuthFail{{"10.0.0.7", 1, "", ""}, "expired"}), 300201, 3, 2, "110114", "110122", "4"},
    Kind{"break_glass", members(BreakGlassOpen{who(), "s1", "bg-1", "ETREAT", 1, kHash}), 300299, 4, 1, "110113", "110127", "0"},
    Kind{"sign_off", members(BreakGlassSignOff{who(), "s1", "bg-1"}), 300299, 4, 1, "110113", "", "0"},
    Kind{"start", log_open(60), 600203, 1, 1, "110100", "110120", "0"},
    Kind{"end", log_close(), 600204, 1, 1, "110100", "110121", "0"},
    Kind{"degraded", log_degraded("sync", 5, 3, 1), 600299, 5, 2, "110113", "", "8"},
    Kind{"torn", log_recover("000001.jsonl", 3), 600299, 4, 1, "110113", "", "0"},
    Kind{"purge", R"("type":"retention.purge","segment":"000001.jsonl")", 600299, 1, 1, "110100", "", "0"},
    Kind{"reading_the_trail", R"("type":"trail.read","actor":{"uid":0},"command":"who-saw")", 600299, 1, 1, "110101", "", "0"},
    Kind{"something_new", R"("type":"new.thing","x":[1,{"y":2}])", 600299, 1, 1, "110100", "", "0"}),
    [](const auto& one) { return one.param.name; });

std::vector<std::string> patients(const std::vector<Json>& events) {
  std::vector<std::string> list;
  for (const Json& event : events)
    for (const Json& entity : event["entity"])
      if (entity.contains("role") && entity["role"]["code"] == "1") list.push_back(entity["what"]["identifier"]["value"]);
  return list;
}

TEST(FormatFhir, OneEventAPatient) {
  const auto all = fhir(read(touched()));
  EXPECT_THAT(patients(all), ElementsAre(kOne, kTwo));
  EXPECT_NE(all[0]["id"], all[1]["id"]);
  for (const Json& event : all) {
    EXPECT_EQ(event["resourceType"], "AuditEvent");
    EXPECT_EQ(event["action"], "R") << "seen by key in one of the tables";
    EXPECT_EQ(event["meta"]["profile"][0], "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead");
    EXPECT_EQ(event["recorded"], "2025-11-22T04:45:00.123456Z");
    EXPECT_THAT(event.dump(), Not(HasSubstr("QUJD")));
  }
}

TEST(FormatFhir, WhatMayHaveBeenSeenIsAQuery) {
  const auto all = fhir(read(R"([{"table":"public.patients","mode":"pred","subjects":[")" + kOne + "\"]}]"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["action"], "E");
  EXPECT_EQ(all[0]["meta"]["profile"][0], "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery");
  EXPECT_EQ(from_base64(all[0]["entity"][1]["query"].get<std::string>()), "sha256:" + kHash);
}

TEST(FormatFhir, ChangesAreTheirOwn) {
  const auto all = fhir(R"("type":"stmt.change","session":"s1","statement":1,"changes":[{"table":"public.patients","action":"U","subject":")" + kOne + R"("},{"table":"public.patients","action":"D","subject":")" + kTwo + "\"}]");
  EXPECT_THAT(patients(all), ElementsAre(kOne, kTwo));
  EXPECT_EQ(all[0]["action"], "U");
  EXPECT_EQ(all[1]["action"], "D");
  for (const Json& event : all) EXPECT_FALSE(event.contains("meta")) << "no outcome, no actor: no claim";
}

TEST(FormatFhir, AChangeIsAlsoOfWhoseItWas) {
  const auto all = fhir(R"("type":"stmt.change","session":"s1","statement":1,"changes":[{"table":"public.labs","action":"U","subject":")" + kOne + R"(","subject_was":")" + kTwo + "\"}]");
  EXPECT_THAT(patients(all), ElementsAre(kOne, kTwo));
}

// The longest of records: as many patients as fit into one, and columns that each of their events would name.
TEST(FormatFhir, ThousandsOfPatientsTimesThousandsOfColumns) {
  std::string members = R"("type":"stmt.read","session":"s1","statement":1,"sqlstate":"00000","tables":[{"table":"public.a_table_whose_name_is_as_long_as_names_can_be","action":"R","columns":[)";
  for (int n = 0; n < 20'000; ++n) members += (n == 0 ? "\"k\xC3\xBC" : ",\"k\xC3\xBC") + std::to_string(n) + '"';
  members += R"(]}],"touched":[{"table":"public.t","mode":"keys","subjects":[)";
  for (int n = 0; n < 15'000; ++n) members += (n == 0 ? "\"" : ",\"") + std::to_string(100'000 + n) + std::string(26, 'f') + '"';
  const CompleteEvent event = event_of(members + "]}]");
  std::size_t count = 0, bytes = 0;
  for (Rendering texts(Format::fhir, event, kProducer); !texts.done(); ++count) bytes += texts.next().size();
  EXPECT_EQ(count, 15'000u);
  EXPECT_LT(bytes / count, 20'000u);
  const std::string row = render(Format::csv, event, kProducer).at(0);
  EXPECT_THAT(row, HasSubstr("k\xC3\xBC" "19999"));
}

TEST(FormatFhir, ALongListEndsBetweenCharacters) {
  for (int length = 8188; length < 8194; ++length) {
    const std::string reason = std::string(static_cast<std::size_t>(length), 'a') + "\xC3\xBC\xC3\xBC" + std::string(10, 'b');
    const std::string text = fhir(R"("type":"stmt.deny","session":"s1","object":")" + reason + '"')[0].dump();
    EXPECT_THAT(text, HasSubstr("a"));
    EXPECT_THAT(text, HasSubstr(" ...\""));
    EXPECT_THAT(text, Not(HasSubstr("\xEF\xBF\xBD")));
  }
}

// A profile wants who, from where and onto what.
TEST(FormatFhir, NothingIsClaimedOfWhatIsIncomplete) {
  EXPECT_FALSE(fhir(members(StatementResult{"s9", 4, {1, "00000"}}))[0].contains("meta"));
  EXPECT_FALSE(fhir(read(touched(), 'R', "57014"))[0].contains("meta"));
}

std::string cell(std::string_view value) {
  const std::string row = render(Format::csv, event_of(read("", 'R', "00000", who(std::string(value)))), kProducer).at(0);
  const auto begin = row.find(",7,success,") + 11;
  return row.substr(begin, row.find(",https://idp.test") - begin);
}

TEST(FormatCsv, FormulasAreTexts) {
  for (const auto& [value, expected] : {std::pair{"u-1", "u-1"}, {"=1+1", "\"'=1+1\""}, {"+1", "\"'+1\""}, {"-1", "\"'-1\""}, {"@SUM(A1)", "\"'@SUM(A1)\""}, {" =1", "\"' =1\""},
                                        {"a,b", "\"a,b\""}, {"say \"x\"", "\"say \"\"x\"\"\""}, {"|cmd", "\"'|cmd\""}, {"", ""},
                                        // Where cells end with ; or a tab, whatever stands in quotes.
                                        {"a;b", "\"a;b\""}, {"a;=1", "\"a;'=1\""}, {"a\t-1", "\"a\t'-1\""}, {"a; \"=1", "\"a;' \"\"=1\""}, {";;@x", "\";;'@x\""}, {"a;\uFF1D1", "\"a;'\uFF1D1\""}})
    EXPECT_EQ(cell(value), expected) << value;
  // Whatever stands in it, a record stays on its line.
  EXPECT_EQ(cell("a\r\nb"), "\"a  b\"");
  EXPECT_THAT(cell("\t=1"), HasSubstr("'"));
}

TEST(FormatCsv, AsManyCellsAsNames) {
  const std::string header = csv_header();
  const auto cells = std::count(header.begin(), header.end(), ',');
  for (const std::string& members : {read(""), log_open(), members(AuthFail{{"unix", 0, "", ""}, "expired"})}) {
    const std::string row = render(Format::csv, event_of(members), kProducer).at(0);
    EXPECT_EQ(std::count(row.begin(), row.end(), ','), cells) << row;
  }
  const std::string row = render(Format::csv, event_of(read(touched())), kProducer).at(0);
  EXPECT_THAT(row, HasSubstr(",R:public.patients R:public.visits,public.patients.id public.patients.name public.visits.*,name,pred keys," + kOne + " " + kTwo + "," + kTwo + ",2,00000,"));
}

TEST(FormatJson, IsTheRecordItself) {
  const auto event = event_of(read(touched()));
  EXPECT_EQ(render(Format::json, event, kProducer), std::vector<std::string>{event.record.dump()});
}

TEST(FormatNames, BothWays) {
  for (const Format format : {Format::json, Format::ocsf, Format::fhir, Format::csv}) EXPECT_EQ(format_named(name_of(format)), format);
  EXPECT_EQ(format_named("xml"), std::nullopt);
}

// Members of a wrong kind, wherever a format looks.
TEST(FormatHostile, AnythingIsRendered) {
  for (const char* value : {"1", "-1", "null", "true", "\"\"", "[]", "{}", "[[]]", "[{}]", "[{\"table\":1,\"subjects\":{},\"mode\":[]}]", "{\"sub\":[],\"cred\":1,\"ip\":{},\"port\":-7,\"exp\":\"x\"}",
                            "{\"cred\":{\"exp\":18446744073709551615,\"id\":1}}", "{\"cred\":{\"exp\":-9223372036854775808}}", "\"\\u0000\\u001b[31m\"", "1e308"})
    for (const char* name : {"actor", "src", "db", "tenant", "tables", "touched", "changes", "cred", "sql", "session", "statement", "sqlstate", "reason", "rows", "break_glass", "subject", "subject_key"})
      for (const char* type : {"stmt.read", "stmt.change", "session.open", "log.open", "auth.fail"})
        for (const Format format : {Format::json, Format::ocsf, Format::fhir, Format::csv}) {
          const std::string members = std::string("\"type\":\"") + type + "\",\"" + name + "\":" + value;
          for (const std::string& text : render(format, event_of(members), kProducer)) {
            EXPECT_EQ(text.find_first_of("\r\n"), text.npos);
            if (format != Format::csv) {
              EXPECT_TRUE(Json::accept(text)) << text;
            }
          }
        }
}

}  // namespace
}  // namespace pgward::audit
