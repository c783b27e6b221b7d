// Which records and patients the trail says a statement touched, in each way of reading and writing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/frame.h"
#include "protocol/row_description.h"
#include "protocol/writer.h"
#include "proxy/session/seen_keys.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct Described {
  std::uint32_t table;
  std::int16_t number;
  std::int16_t format = 0;
};
constexpr std::uint32_t kPatients = 1, kSecret = 4;  // OIDs of the small catalog; 4: billing.patients, not listed
constexpr Described kId{kPatients, 1}, kName{kPatients, 3}, kComputed{0, 0};

Bytes description(const std::vector<Described>& columns) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('T');
  writer.u16(static_cast<std::uint16_t>(columns.size()));
  for (const Described& each : columns) {
    writer.cstring("c");
    writer.u32(each.table);
    writer.u16(static_cast<std::uint16_t>(each.number));
    writer.u32(23);
    writer.u16(4);
    writer.u32(0xffffffff);
    writer.u16(static_cast<std::uint16_t>(each.format));
  }
  writer.end();
  return out;
}

Bytes describe(char kind, std::string_view name) {
  std::string body(1, kind);
  body += name;
  body += '\0';
  return message('D', body);
}

class Touched : public testing::Test {
 protected:
  RelayHarness harness_{SessionLimits{}, true};
  std::string pseudonym(const std::string& id, bool subject = true) const {
    std::string key, out;
    audit::append_key_part(key, id);
    const audit::SubjectKey& of = *harness_.services.subject_key_;
    audit::append_pseudonym(out, (subject ? of.subjects() : of.records("public.patients")).of(key));
    return out;
  }

  void take(const Actions& actions) {
    for (const Action& action : actions.list())
      if (const auto* record = std::get_if<Record>(&action)) told_.push_back(summary(nlohmann::json::parse("{" + record->members + "}")));
      else if (std::holds_alternative<ToClient>(action)) told_.push_back("rows");
  }
  // "stmt.read keys 17 5": pseudonyms by the ids that they were made of.
  std::string summary(const nlohmann::json& record) const {
    std::string out = record.at("type").get<std::string>();
    for (const auto& entry : record.value("touched", nlohmann::json::array())) {
      if (entry.at("table") != "public.patients") out += " " + entry.at("table").get<std::string>();
      out += " " + entry.at("mode").get<std::string>();
      std::vector<std::string> records;
      for (int id = -9; id < 400; ++id) {
        const std::string text = std::to_string(id);
        const auto has = [&](const char* list, bool subject) {
          const auto all = entry.value(list, std::vector<std::string>());
          return std::count(all.begin(), all.end(), pseudonym(text, subject));
        };
        EXPECT_LE(has("subjects", true), 1);
        EXPECT_EQ(has("subjects", true), has("records", false)) << text;
        if (has("subjects", true) > 0) out += " " + text;
      }
    }
    return out;
  }

  std::vector<std::string> server(const Bytes& bytes) {
    Actions actions;
    harness_.server(bytes, actions);
    told_.clear();
    take(actions);
    return told_;
  }
  // What client() wants recorded comes as lines only: a link to it is not needed.
  std::vector<std::string> client(const Bytes& bytes) {
    Actions actions;
    input_ += bytes;
    ByteView view(input_);
    harness_.relay.client(view, actions);
    told_.clear();
    sent_ = lines(actions);
    take(actions);
    input_.erase(0, input_.size() - view.size());
    return told_;
  }

  std::vector<std::string> told_, sent_;
  Bytes input_;
};

TEST_F(Touched, RowsOfASimpleQuery) {
  client(query("SELECT id, name FROM patients"));
  const auto told = server(description({kId, kName}) + row({"17", "x"}) + row({"5", "y"}) + row({"17", "z"}) + complete("SELECT 3") + ready('I'));
  EXPECT_THAT(told, ElementsAre("stmt.read keys 5 17", "rows"));
}

TEST_F(Touched, WithoutTheKeyItMayBeAnybody) {
  client(query("SELECT name FROM patients"));
  EXPECT_THAT(server(description({kName}) + row({"x"}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read set", "rows"));
}

TEST_F(Touched, NoRowIsNobody) {
  client(query("SELECT id FROM patients"));
  EXPECT_THAT(server(description({kId}) + complete("SELECT 0") + ready('I')), ElementsAre("stmt.read none", "rows"));
}

TEST_F(Touched, AProbeNamesWhoWasMeant) {
  client(query("SELECT 1 FROM patients WHERE id = 5"));
  EXPECT_THAT(server(description({kComputed}) + row({"0"}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read pred 5", "rows"));
  // The same plan, another literal.
  client(query("SELECT 1 FROM patients WHERE id = 6"));
  EXPECT_THAT(server(description({kComputed}) + row({"0"}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read pred 6", "rows"));
  client(query("SELECT 1 FROM patients WHERE id = 6 OR name = 'x'"));
  EXPECT_THAT(server(description({kComputed}) + row({"0"}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read pred 6 set", "rows"));
}

TEST_F(Touched, WhoWasFoundIsNotToldAsMeantToo) {
  client(query("SELECT id FROM patients WHERE id IN (5, 7)"));
  EXPECT_THAT(server(description({kId}) + row({"5"}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read keys 5 pred 7", "rows"));
}

TEST_F(Touched, ALongAnswerIsToldAsItComes) {
  client(query("SELECT id, name FROM patients"));
  EXPECT_THAT(server(description({kId, kName}) + row({"1", "x"})), ElementsAre("stmt.read keys 1", "rows"));
  EXPECT_THAT(server(row({"1", "x"})), ElementsAre("rows"));
  EXPECT_THAT(server(row({"1", "x"}) + row({"2", "x"})), ElementsAre("stmt.touch keys 2", "rows"));
  EXPECT_THAT(server(row({"3", "x"}) + complete("SELECT 5") + ready('I')), ElementsAre("stmt.touch keys 3", "rows", "stmt.result", "rows"));
}

// Whatever the pieces: no byte behind a key goes out before its record.
TEST_F(Touched, RowsInPieces) {
  const Bytes answer = description({kName, kId}) + row({std::string(300, 'n'), "17"}) + row({std::string(300, 'n'), "18"});
  const Bytes end = complete("SELECT 2") + ready('I');
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    RelayHarness harness{SessionLimits{}, true};
    harness.client(query("SELECT name, id FROM patients"));
    std::string told;
    for (const Bytes& piece : {answer.substr(0, cut), answer.substr(cut), end}) {
      Actions actions;
      harness.server(piece, actions);
      for (const Action& action : actions.list())
        if (const auto* record = std::get_if<Record>(&action)) told += record->members;
    }
    EXPECT_THAT(told, HasSubstr(pseudonym("17"))) << cut;
    EXPECT_THAT(told, HasSubstr(pseudonym("18"))) << cut;
    EXPECT_EQ(told.find("\"set\""), std::string::npos) << cut;
  }
}

// What stands in front of a key waits for it; not without end, and then nobody knows yet whose it is.
TEST_F(Touched, NothingOfARowLeavesBeforeItIsToldWhoseItIs) {
  client(query("SELECT name, id FROM patients"));
  const Bytes small = row({std::string(300, 'n'), "17"}), large = row({std::string(40'000, 'n'), "18"});
  const auto rows_in = [&](const Bytes& bytes) {
    Actions actions;
    harness_.server(bytes, actions);
    told_.clear();
    take(actions);
    std::size_t out = 0;
    for (const Action& action : actions.list())
      if (const auto* sent = std::get_if<ToClient>(&action)) out += sent->bytes().size();
    return out > 100;  // more than the description
  };
  EXPECT_FALSE(rows_in(description({kName, kId}) + small.substr(0, 200)));
  EXPECT_TRUE(rows_in(small.substr(200)));
  EXPECT_THAT(told_, ElementsAre("stmt.read keys 17", "rows"));
  EXPECT_FALSE(rows_in(large.substr(0, 10'000)));
  rows_in(large.substr(10'000, 10'000));
  EXPECT_THAT(told_, ElementsAre("stmt.touch set", "rows"));
  rows_in(large.substr(20'000));
  EXPECT_THAT(told_, ElementsAre("stmt.touch keys 18", "rows"));
}

TEST_F(Touched, AKeyTooLongToBeReadIsSaidToBeUnknown) {
  client(query("SELECT id FROM patients"));
  EXPECT_THAT(server(description({kId}) + row({std::string(2000, '1')}) + complete("SELECT 1") + ready('I')), ElementsAre("stmt.read set", "rows"));
}

TEST_F(Touched, DescribedByTheClient) {
  client(parse("", "SELECT id FROM patients WHERE id = $1") + bind_to("", "", {"17"}) + describe('P', "") + execute("") + sync());
  EXPECT_EQ(std::count(sent_.begin(), sent_.end(), "server D P"), 1);  // its own
  const auto told = server(message('1') + message('2') + description({kId}) + row({"17"}) + complete("SELECT 1") + ready('I'));
  EXPECT_THAT(told, ElementsAre("stmt.read keys 17", "rows"));
}

TEST_F(Touched, AskedForOnItsBehalf) {
  client(parse("s", "SELECT id FROM patients") + sync());
  server(message('1') + ready('I'));
  client(bind_to("", "s") + execute("") + sync());
  EXPECT_THAT(sent_, Contains("server D P"));
  Actions actions;
  const Bytes answers = message('2') + description({kId}) + row({"17"}) + complete("SELECT 1") + ready('I');
  harness_.server(answers, actions);
  const auto all = lines(actions);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const std::string& line) { return line.starts_with("client T"); }), 0);
  take(actions);
  EXPECT_THAT(told_, Contains("stmt.read keys 17"));
  // Once a statement.
  client(bind_to("", "s") + execute("") + sync());
  EXPECT_THAT(sent_, testing::Not(Contains("server D P")));
  EXPECT_THAT(server(message('2') + row({"18"}) + complete("SELECT 1") + ready('I')), Contains("stmt.read keys 18"));
}

TEST_F(Touched, ARefusedQuestionIsAskedAgain) {
  client(parse("s", "SELECT id FROM patients") + bind_to("", "s") + execute("") + sync());
  server(message('1') + message('2') + error("57014", "canceling statement") + ready('I'));
  client(bind_to("", "s") + execute("") + sync());
  EXPECT_THAT(sent_, Contains("server D P"));
}

TEST_F(Touched, BinaryRows) {
  client(parse("s", "SELECT id FROM patients") + sync());
  server(message('1') + ready('I'));
  // Result formats: one for all, binary.
  Bytes bind = bind_to("", "s");
  bind.replace(bind.size() - 2, 2, std::string("\0\1\0\1", 4));
  bind[4] = static_cast<char>(bind.size() - 1);
  client(bind + execute("") + sync());
  EXPECT_THAT(server(message('2') + description({{kPatients, 1, 0}}) + row({std::string("\0\0\0\x11", 4)}) + complete("SELECT 1") + ready('I')), Contains("stmt.read keys 17"));
}

TEST_F(Touched, ChangesAreToldBeforeAndAfter) {
  EXPECT_THAT(client(query("UPDATE patients SET name = 'x' WHERE id = 5")), ElementsAre("stmt.intent pred 5"));
  EXPECT_THAT(server(complete("UPDATE 1") + ready('I')), ElementsAre("stmt.result", "rows"));
  EXPECT_THAT(client(query("UPDATE patients SET name = 'x' WHERE name = 'y' RETURNING id")), ElementsAre("stmt.intent set"));
  EXPECT_THAT(server(description({kId}) + row({"7"}) + complete("UPDATE 1") + ready('I')), ElementsAre("rows", "stmt.result keys 7", "rows"));
  EXPECT_THAT(client(query("INSERT INTO patients (id, name) VALUES (8, 'x'), (9, 'y')")), ElementsAre("stmt.intent pred 8 9"));
}

TEST_F(Touched, CursorsAndPrepare) {
  server("");
  client(query("BEGIN"));
  server(complete("BEGIN") + ready('T'));
  client(query("DECLARE c CURSOR FOR SELECT id FROM patients"));
  EXPECT_THAT(server(complete("DECLARE CURSOR") + ready('T')), Contains("stmt.read none"));
  client(query("FETCH c"));
  EXPECT_THAT(server(description({kId}) + row({"3"}) + complete("FETCH 1") + ready('T')), Contains("stmt.read keys 3"));
  client(query("PREPARE p (int) AS SELECT 1 FROM patients WHERE id = $1"));
  server(complete("PREPARE") + ready('T'));
  client(query("EXECUTE p (4)"));
  EXPECT_THAT(server(description({kComputed}) + row({"1"}) + complete("SELECT 1") + ready('T')), Contains("stmt.read pred 4"));
  // What is computed may call anything: announced before it runs, and not known.
  EXPECT_THAT(client(query("EXECUTE p (4::pg_catalog.numeric)")), ElementsAre("stmt.intent set"));
}

TEST_F(Touched, NobodyIsWritten) {
  Bytes bind = bind_to("", "", {"x"});
  bind.replace(bind.size() - 2 - 5, 5, Bytes("\377\377\377\377", 4));  // NULL in its place
  bind[4] = static_cast<char>(bind.size() - 1);
  EXPECT_THAT(client(parse("", "INSERT INTO patients (id, name) VALUES ($1, 'x')") + bind + execute("") + sync()), Contains("stmt.intent set"));
}

TEST_F(Touched, ACatalogThatLiesEndsTheSession) {
  client(query("SELECT code FROM codes"));
  Actions actions;
  const Bytes answers = description({kId}) + row({"17"}) + complete("SELECT 1") + ready('I');
  harness_.server(answers, actions);
  const auto all = lines(actions);
  EXPECT_THAT(all, Contains("record? stmt.mismatch"));
  EXPECT_THAT(all, Contains(HasSubstr("XX000")));
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const std::string& line) { return line.starts_with("client D") || line.starts_with("client T"); }), 0);
  EXPECT_TRUE(harness_.relay.over());
}

// What a name stands for is known only when it runs, so its description is held against it as late as that: here when an answer
// without rows is over, by which the session ends, and its queue with it.
TEST_F(Touched, ACatalogThatLiesOfACursorWithoutRowsEndsTheSession) {
  for (const Bytes& answer : {complete("FETCH 0"), message('s'), error("XX000", "failed")}) {
    RelayHarness harness{SessionLimits{}, true};
    const auto step = [&](const Bytes& from_client, const Bytes& from_server) {
      ByteView view(from_client);
      Actions asked, answered;
      harness.relay.client(view, asked);
      harness.server(from_server, answered);
      return lines(answered);
    };
    step(query("BEGIN"), complete("BEGIN") + ready('T'));
    step(query("DECLARE c CURSOR FOR SELECT id FROM patients"), complete("DECLARE CURSOR") + ready('T'));
    step(parse("f", "FETCH c") + describe('S', "f") + bind_to("", "f") + execute("") + sync(), "");
    Actions actions;
    const Bytes answers = message('1') + message('t', Bytes(2, '\0')) + description({{3, 1}}) + message('2') + description({{3, 1}}) + answer + ready('T');
    harness.server(answers, actions);
    EXPECT_THAT(lines(actions), Contains("record? stmt.mismatch"));
    EXPECT_TRUE(harness.relay.over());
  }
}

TEST_F(Touched, ATableThatNobodyProtectsIsNoLie) {
  client(query("SELECT code FROM codes"));
  server(description({{kSecret, 1}, {99, 1}}) + row({"17", "1"}) + complete("SELECT 1") + ready('I'));
  EXPECT_FALSE(harness_.relay.over());
}

TEST(SeenKeys, ForgetsRatherThanGrows) {
  SeenKeys seen;
  audit::Pseudonym first{};
  EXPECT_TRUE(seen.add(0, first));
  EXPECT_FALSE(seen.add(0, first));
  EXPECT_TRUE(seen.add(1, first));
  const audit::SubjectKey key("k", std::string(32, 'k'));
  const auto subjects = key.subjects();
  for (int i = 0; i < 100'000; ++i) EXPECT_TRUE(seen.add(0, subjects.of(std::to_string(i))));
  EXPECT_FALSE(seen.add(0, subjects.of("99999")));
}

}  // namespace
}  // namespace pgward::proxy::test
