// Key columns that pgward added are seen by nobody: in every way of asking, cut at every byte, and whatever the server says.
#include "proxy/session/hidden_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/writer.h"
#include "tests/proxy/keys_world.h"

namespace pgward::proxy::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kKey = "pgward:key";
constexpr auto kSelect = "SELECT name FROM patients";

Bytes description(const std::vector<std::string_view>& names) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('T');
  writer.count16(names.size());
  for (const auto name : names) {
    writer.cstring(name);
    writer.bytes("table!colutypesizmodf!"sv.substr(0, 16));
    writer.u16(0);
  }
  writer.end();
  return out;
}
Bytes describe(char kind, std::string_view name) { return message('D', std::string(1, kind) + std::string(name) + '\0'); }
Bytes execute_some(std::string_view portal) { return message('E', std::string(portal) + "\0\0\0\0\2"s); }
Bytes bind_formats(std::string_view portal, std::string_view statement, const std::vector<std::uint16_t>& formats) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin('B');
  writer.cstring(portal);
  writer.cstring(statement);
  writer.u16(0);
  writer.u16(0);
  writer.count16(formats.size());
  for (const auto format : formats) writer.u16(format);
  writer.end();
  return out;
}
// With NULL as its key.
Bytes keyless_row(std::string_view value) {
  return message('D', "\0\2\377\377\377\377\0\0\0"s + static_cast<char>(value.size()) + std::string(value));
}

// What the client gets, as bytes.
class Keys : public RelayHarness {
 public:
  Keys() { services.world_ = keys_world(); }
  Bytes answer(const Bytes& from_server, std::size_t cut = 0) {
    Bytes out;
    for (std::size_t at = 0; at < from_server.size();) {
      const std::size_t next = cut == 0 ? from_server.size() : at == 0 ? cut : from_server.size();
      feed(from_server.substr(at, next - at), out);
      at = next;
    }
    return out;
  }
  Bytes answer_in_pieces(const Bytes& from_server, std::size_t size) {
    Bytes out;
    for (std::size_t at = 0; at < from_server.size(); at += size) feed(from_server.substr(at, size), out);
    return out;
  }
  bool closed = false;

 private:
  void feed(const Bytes& bytes, Bytes& out) {
    Actions actions;
    server(bytes, actions);
    for (const Action& action : actions.list()) {
      if (const auto* sent = std::get_if<ToClient>(&action)) out += sent->bytes();
      closed = closed || std::holds_alternative<Close>(action);
    }
  }
};

struct Way {
  const char* name;
  std::vector<Bytes> client;
  Bytes server;
  Bytes seen;
};

const std::vector<Way>& ways() {
  const Bytes rows = row({"7", "Ann"}) + keyless_row("Bea") + row({"", ""});
  const Bytes seen = row({"Ann"}) + row({"Bea"}) + row({""});
  static const std::vector<Way> all{
      {"simple", {query(kSelect)},
       description({kKey, "name"}) + rows + complete("SELECT 3") + ready('I'),
       description({"name"}) + seen + complete("SELECT 3") + ready('I')},
      {"no rows", {query(kSelect)},
       description({kKey, "name"}) + complete("SELECT 0") + ready('I'), description({"name"}) + complete("SELECT 0") + ready('I')},
      {"several statements", {query("SELECT code FROM codes; SELECT name FROM patients; DELETE FROM patients; SELECT code FROM codes")},
       description({"code"}) + row({"x"}) + complete("SELECT 1") + description({kKey, "name"}) + rows + complete("SELECT 3") +
           description({kKey}) + row({"7"}) + row({"8"}) + complete("DELETE 2") + description({"code"}) + row({"x"}) + complete("SELECT 1") + ready('I'),
       description({"code"}) + row({"x"}) + complete("SELECT 1") + description({"name"}) + seen + complete("SELECT 3") +
           complete("DELETE 2") + description({"code"}) + row({"x"}) + complete("SELECT 1") + ready('I')},
      {"extended", {parse("s", kSelect) + describe('S', "s") + bind_to("p", "s") + describe('P', "p") + execute_some("p") + execute("p") + sync()},
       message('1') + message('t', "\0\0"sv) + description({kKey, "name"}) + message('2') + description({kKey, "name"}) +
           row({"7", "Ann"}) + row({"8", "Bea"}) + message('s') + row({"9", "Cid"}) + complete("SELECT 1") + ready('I'),
       message('1') + message('t', "\0\0"sv) + description({"name"}) + message('2') + description({"name"}) +
           row({"Ann"}) + row({"Bea"}) + message('s') + row({"Cid"}) + complete("SELECT 1") + ready('I')},
      {"undescribed", {parse("", kSelect) + bind_to("", "") + execute("") + sync()},
       message('1') + message('2') + description({kKey, "name"}) + rows + complete("SELECT 3") + ready('I'), message('1') + message('2') + seen + complete("SELECT 3") + ready('I')},
      {"asked for no rows", {parse("", "UPDATE patients SET name = 'x'") + describe('S', "") + bind_to("", "") + describe('P', "") + execute("") + sync()},
       message('1') + message('t', "\0\0"sv) + description({kKey}) + message('2') + description({kKey}) + row({"7"}) + row({"8"}) + complete("UPDATE 2") + ready('I'),
       message('1') + message('t', "\0\0"sv) + message('n') + message('2') + message('n') + complete("UPDATE 2") + ready('I')},
      {"fails in the middle", {query(kSelect)},
       description({kKey, "name"}) + row({"7", "Ann"}) + error("57014", "canceling statement due to user request") + ready('I'),
       description({"name"}) + row({"Ann"})},
      {"FETCH", {parse("s", kSelect) + bind_to("p", "s") + message('H'), query("FETCH 2 FROM p")},
       message('1') + message('2') + description({kKey, "name"}) + rows + complete("FETCH 3") + ready('I'),
       message('1') + message('2') + description({"name"}) + seen + complete("FETCH 3") + ready('I')},
      {"EXECUTE", {parse("s", kSelect) + sync(), "", query("EXECUTE s")},
       message('1') + ready('I') + description({kKey, "name"}) + rows + complete("SELECT 3") + ready('I'),
       message('1') + ready('I') + description({"name"}) + seen + complete("SELECT 3") + ready('I')},
  };
  return all;
}

// The messages of the client, each sent as soon as it is not kept waiting. What the server has said before counts.
void send(Keys& h, const Way& way, std::size_t cut, Bytes& seen) {
  const bool waits = way.client.size() == 3;  // the second one stands for the first answers
  h.client(way.client[0]);
  Bytes server = way.server;
  if (waits) {
    const Bytes first = message('1') + ready('I');
    seen += h.answer(first);
    server = server.substr(first.size());
  } else if (way.client.size() == 2) {
    const Bytes first = message('1') + message('2');
    seen += h.answer(first);
    server = server.substr(first.size());
  }
  if (way.client.size() > 1) h.client(way.client.back());
  seen += h.answer(server, std::min(cut, server.size()));
}

TEST(HiddenColumnsTest, NobodySeesThemHoweverTheAnswerIsCut) {
  for (const Way& way : ways())
    for (std::size_t cut = 0; cut < way.server.size(); ++cut) {
      Keys h;
      Bytes seen;
      send(h, way, cut, seen);
      if (way.name == "fails in the middle"sv) seen.resize(std::min(seen.size(), way.seen.size()));
      ASSERT_EQ(seen, way.seen) << way.name << " cut at " << cut;
      EXPECT_TRUE(h.relay.idle()) << way.name;
      EXPECT_FALSE(h.closed) << way.name;
    }
}

TEST(HiddenColumnsTest, WhatIsSent) {
  Keys h;
  EXPECT_THAT(h.client(query(kSelect)), Contains(HasSubstr("SELECT  patients.id AS \"pgward:key\", name FROM public.patients")));
}

TEST(HiddenColumnsTest, ARowOfAnySizeGoesOnInPieces) {
  const std::string large(3u << 20, 'x');
  Keys h;
  h.client(query(kSelect));
  const Bytes server = description({kKey, "name"}) + row({"7", large}) + row({"8", "Bea"}) + complete("SELECT 2") + ready('I');
  const Bytes seen = h.answer_in_pieces(server, 10'007);
  EXPECT_TRUE(seen == description({"name"}) + row({large}) + row({"Bea"}) + complete("SELECT 2") + ready('I'));
}

TEST(HiddenColumnsTest, RowsThatNobodyAskedForAreDroppedInPiecesToo) {
  Keys h;
  h.client(query("DELETE FROM patients"));
  EXPECT_EQ(h.answer_in_pieces(description({kKey}) + row({"7"}) + row({"8"}) + complete("DELETE 2") + ready('I'), 3), complete("DELETE 2") + ready('I'));
  // And the next answer is seen again.
  h.client(query("SELECT code FROM codes"));
  EXPECT_EQ(h.answer_in_pieces(description({"code"}) + row({"x"}) + complete("SELECT 1") + ready('I'), 3),
            description({"code"}) + row({"x"}) + complete("SELECT 1") + ready('I'));
}

TEST(HiddenColumnsTest, TheRecordStandsBeforeTheRows) {
  Keys h;
  h.client(query(kSelect));
  const auto out = h.server(description({kKey, "name"}) + row({"7", "Ann"}) + complete("SELECT 1") + ready('I'));
  EXPECT_THAT(out, ElementsAre("record? stmt.read", "client T name table!colutypesi", "client D Ann", "client C SELECT 1", "client Z I"));
}

TEST(HiddenColumnsTest, FormatsOfTheColumnsThatTheClientKnows) {
  struct Case {
    const char* sql;
    std::vector<std::uint16_t> client, server;
  };
  for (const Case& each : {Case{kSelect, {}, {}}, Case{kSelect, {1}, {1}}, Case{kSelect, {1, 0}, {0, 1, 0}},
                           Case{"DELETE FROM patients", {1}, {1}}, Case{"DELETE FROM patients", {1, 0, 1}, {}},
                           Case{"SELECT code FROM codes", {1, 0}, {1, 0}}}) {
    Keys h;
    h.client(parse("", kSelect) + sync());  // from then on something is hidden
    h.server(message('1') + ready('I'));
    h.client(parse("s", each.sql));
    Actions actions;
    ByteView input;
    const Bytes bind = bind_formats("", "s", each.client);
    input = bind;
    h.relay.client(input, actions);
    Bytes sent;
    for (const Action& action : actions.list())
      if (const auto* to = std::get_if<ToServer>(&action)) sent += to->bytes;
    EXPECT_EQ(sent, bind_formats("", "s", each.server)) << each.sql << each.client.size();
  }
}

TEST(HiddenColumnsTest, AChangeRunsAtOnceWhateverTheClientsLimitOfRows) {
  Keys h;
  h.client(parse("", "DELETE FROM patients") + bind_to("", ""));
  Actions actions;
  const Bytes some = execute_some("");
  ByteView input = some;
  h.relay.client(input, actions);
  const auto* sent = std::get_if<ToServer>(&actions.list().back());
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->bytes, execute(""));
}

// What a name means when it is described is known only when the answers to what is in flight are there.
TEST(HiddenColumnsTest, DescribeWaitsForWhatItsNameMeans) {
  Keys h;
  h.client(parse("s", kSelect) + sync());
  EXPECT_THAT(h.client(describe('S', "s")), IsEmpty());
  EXPECT_TRUE(h.relay.waiting());
  EXPECT_THAT(h.server(message('1') + ready('I')), Contains("server D Ss"));
}

TEST(HiddenColumnsTest, ATableIsNotFilledWithThem) {
  Keys h;
  h.client(parse("s", kSelect) + sync());
  h.server(message('1') + ready('I'));
  EXPECT_THAT(h.client(query("CREATE TEMP TABLE mine AS EXECUTE s")), Contains("server Q pgward: statement refused"));
}

// How the portal's rows look is asked on the client's behalf.
TEST(HiddenColumnsTest, AFetchThatIsDescribedAndBound) {
  Keys h;
  h.client(parse("s", kSelect) + bind_to("p", "s") + message('H'));
  h.server(message('1') + message('2'));
  h.client(parse("f", "FETCH 2 FROM p") + describe('S', "f") + bind_to("", "f") + execute("") + sync());
  EXPECT_EQ(h.answer(message('1') + message('t', "\0\0"sv) + description({kKey, "name"}) + message('2') + description({kKey, "name"}) + row({"7", "Ann"}) + complete("FETCH 1") + ready('I')),
            message('1') + message('t', "\0\0"sv) + description({"name"}) + message('2') + row({"Ann"}) + complete("FETCH 1") + ready('I'));
}

// Anything else than what was asked for ends the session before the client sees it.
TEST(HiddenColumnsTest, AnAnswerThatIsNotAsItMustBe) {
  const Bytes good = description({kKey, "name"});
  for (const Bytes& server : {description({"name"}), description({"id", "name"}), description({"name", kKey}), description({}),
                              good + message('D', "\0\0"sv), good + message('D', "\0"sv), good + message('D', ""sv), good + message('D', "\0\2\0\0\0\7x"sv),
                              good + message('D', "\0\2\377\377\377\376"sv), good + message('D', "\0\2\0\0"sv)}) {
    Keys h;
    h.client(query(kSelect));
    const Bytes seen = h.answer(server);
    EXPECT_TRUE(h.closed);
    EXPECT_THAT(seen, Not(HasSubstr(kKey)));
  }
  Keys h;
  h.client(parse("", kSelect) + describe('S', "") + sync());
  h.answer(message('1') + message('t', "\0\0"sv) + row({"7", "Ann"}));
  EXPECT_TRUE(h.closed);
}

TEST(HiddenColumnsTest, NothingChangesWithoutThem) {
  RelayHarness h;
  h.client(query(kSelect));
  EXPECT_THAT(h.server(description({kKey, "name"}) + row({"7", "Ann"}) + complete("SELECT 1") + ready('I')),
              Contains("client D 7 Ann"));
}

}  // namespace
}  // namespace pgward::proxy::test
