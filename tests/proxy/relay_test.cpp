// The journey of a statement through the machine: what goes where, in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kFailing = "server Q pgward: statement refused";
constexpr auto kFailingDescribe = "server D Spgward: refused";
constexpr auto kFailingPortal = "server D Ppgward: refused.";

TEST(RelayTest, a_statement_on_phi_is_recorded_before_it_is_forwarded) {
  RelayHarness h;
  EXPECT_THAT(h.client(query("select name from patients")),
              ElementsAre(AllOf(StartsWith("server Q select name from public.patients"), HasSubstr(kTenantA))));
  EXPECT_THAT(h.server(row({"Ada"}) + complete("SELECT 1") + ready('I')),
              ElementsAre("record? stmt.read", "client D Ada", "client C SELECT 1", "client Z I"));
}

TEST(RelayTest, what_touches_nothing_protected_is_forwarded_as_it_came_and_not_recorded) {
  RelayHarness h;
  EXPECT_THAT(h.client(query("begin")), ElementsAre("server Q begin"));
  EXPECT_THAT(h.server(complete("BEGIN") + ready('T')), ElementsAre("client C BEGIN", "client Z T"));
}

TEST(RelayTest, a_refused_query_fails_on_the_server_and_reads_as_ours) {
  RelayHarness h;
  EXPECT_THAT(h.client(query("select * from secret")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(h.server(error("42601", "syntax error at or near \"pgward\"") + ready('I')),
              ElementsAre(AllOf(StartsWith("client E"), HasSubstr("C42501")), "client Z I"));
}

TEST(RelayTest, a_refused_parse_skips_to_sync_as_the_server_does) {
  RelayHarness h;
  EXPECT_THAT(h.client(parse("", "select * from secret") + bind_to("", "") + execute("") + sync()),
              ElementsAre("record stmt.deny", kFailingDescribe, kFailingDescribe, StartsWith(kFailingPortal), "server S"));
  EXPECT_THAT(h.server(error("26000", "prepared statement \"pgward: refused\" does not exist") + ready('I')),
              ElementsAre(AllOf(StartsWith("client E"), HasSubstr("C42501")), "client Z I"));
}

// 34000, not the 26000 of a statement: drivers tell a portal that is gone from a statement to be prepared again.
TEST(RelayTest, execute_of_what_is_not_there_is_an_error_about_a_portal) {
  RelayHarness h;
  EXPECT_THAT(h.client(execute("gone") + sync()), ElementsAre(StartsWith(kFailingPortal), "server S"));
  EXPECT_THAT(h.server(error("34000", "portal \"x\" does not exist") + ready('I')), ElementsAre(HasSubstr("C34000"), "client Z I"));
}

TEST(RelayTest, the_name_that_must_not_exist_cannot_be_bound) {
  RelayHarness h;
  const std::string sent = h.client(execute("gone")).front();
  const std::string reserved = sent.substr(sent.find("Ppgward") + 1);
  h.client(sync());
  h.server(error("34000", "x") + ready('I'));
  EXPECT_THAT(h.client(parse("", "select 1") + bind_to(reserved, "")), testing::Contains(HasSubstr("C08P01")));
}

// The length is not waited for: bytes that are no message at all (TLS begun once more, say) may claim any.
TEST(RelayTest, a_message_of_an_unknown_type_ends_the_session_at_its_first_bytes) {
  RelayHarness h;
  EXPECT_THAT(h.client(std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8)), testing::Contains(HasSubstr("C08P01")));
  EXPECT_TRUE(h.relay.over());
}

TEST(RelayTest, in_a_failed_transaction_the_server_has_its_own_word) {
  RelayHarness h;
  h.client(query("begin"));
  h.server(complete("BEGIN") + ready('T'));
  h.client(query("select 1/0"));
  h.server(error("22012", "division by zero") + ready('E'));
  EXPECT_THAT(h.client(query("select * from secret")), ElementsAre("record stmt.deny", "server Q SELECT 1"));
  EXPECT_THAT(h.server(error("25P02", "current transaction is aborted, commands ignored until end of transaction block") + ready('E')),
              ElementsAre(HasSubstr("C25P02"), "client Z E"));
}

TEST(RelayTest, nothing_is_run_while_the_audit_trail_cannot_be_written) {
  RelayHarness h;
  h.services.audit = false;
  EXPECT_THAT(h.client(query("select name from patients")), ElementsAre("record stmt.deny", kFailing));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), ElementsAre(HasSubstr("C58030"), "client Z I"));
  EXPECT_THAT(h.client(query("select code from codes")), ElementsAre(StartsWith("server Q select code from public.codes")));
}

TEST(RelayTest, a_failed_guard_reads_as_a_foreign_row) {
  RelayHarness h;
  h.client(query("update patients set name = 'x'"));
  EXPECT_THAT(h.server(error("22P02", "invalid input syntax for type integer: \"pgward:foreign-tenant x\"") + ready('I')),
              ElementsAre(AllOf(HasSubstr("C42501"), Not(HasSubstr("pgward:foreign-tenant"))), "record stmt.result", "client Z I"));
}

TEST(RelayTest, each_statement_of_a_batch_has_its_records) {
  RelayHarness h;
  EXPECT_THAT(h.client(query("select name from patients; select 1; delete from patients")),
              ElementsAre("record! stmt.intent", StartsWith("server Q")));
  EXPECT_THAT(h.server(complete("SELECT 0") + complete("SELECT 1") + error("23503", "x") + ready('I')),
              ElementsAre("record? stmt.read", "client C SELECT 0", "client C SELECT 1", StartsWith("client E"), "record stmt.result", "client Z I"));
}

TEST(RelayTest, a_function_call_is_refused) {
  RelayHarness h;
  EXPECT_THAT(h.client(message('F', std::string("\0\0\x08\x1e\0\0\0\0\0\0", 10))), ElementsAre(kFailing));
  EXPECT_THAT(h.server(error("42601", "syntax error") + ready('I')), ElementsAre(HasSubstr("C42501"), "client Z I"));
}

TEST(RelayTest, a_setting_that_reading_sql_rests_on_ends_the_session_when_it_changes) {
  RelayHarness h;
  EXPECT_THAT(h.server(message('S', std::string("standard_conforming_strings\0off\0", 32))),
              ElementsAre(HasSubstr("FATAL"), "record session.close", StartsWith("close")));
}

// The server keeps this one spelling as it was written (check_client_encoding()), for old drivers that look for it.
TEST(RelayTest, an_encoding_that_is_utf8_by_another_name_changes_nothing) {
  RelayHarness h;
  const std::string status = message('S', std::string("client_encoding\0UNICODE\0", 24));
  EXPECT_THAT(h.server(status), ElementsAre(StartsWith("client S")));
}

TEST(RelayTest, what_was_intended_and_not_answered_is_recorded_as_unknown) {
  RelayHarness h;
  h.client(query("select name from patients"));
  Actions actions;
  h.relay.close("upstream closed the connection", actions);
  EXPECT_THAT(lines(actions), ElementsAre("record stmt.read", "record session.close", "close upstream closed the connection"));
}

// The server's messages that have no place at this moment close the session.
TEST(RelayTest, unexpected_server_messages_close_the_session) {
  const std::vector<Bytes> strange{message('G', std::string(3, '\0')), message('W'), message('V', std::string(4, '\0')), message('R', std::string(4, '\0')),
                                   message('K', std::string(8, '\0')), row({"x"}), complete("SELECT 1"), ready('I'), message('?'), message('1'), message('2')};
  for (const Bytes& bytes : strange) {
    RelayHarness h;
    const auto list = h.server(bytes);
    ASSERT_FALSE(list.empty()) << bytes[0];
    EXPECT_THAT(list.back(), StartsWith("close")) << bytes[0];
    for (const auto& line : list) EXPECT_THAT(line, Not(StartsWith("client D"))) << bytes[0];
  }
}

TEST(RelayTest, rows_have_no_place_before_their_statement_runs) {
  RelayHarness h;
  h.client(parse("s1", "select name from patients") + bind_to("", "s1") + execute("") + sync());
  const auto list = h.server(message('1') + row({"Ada"}));
  for (const auto& line : list) EXPECT_THAT(line, Not(HasSubstr("Ada")));
  EXPECT_THAT(list.back(), StartsWith("close"));
}

// A portal that is suspended says no number: the rows that went by were counted, one by one or by the run.
TEST(RelayTest, rows_are_counted_wherever_they_are_cut) {
  const Bytes rows = row({"Ada"}) + row({"Grace"}) + row({"Barbara"}) + message('s');
  for (std::size_t cut = 0; cut <= rows.size(); ++cut) {
    RelayHarness h;
    h.client(parse("s1", "select name from patients") + bind_to("", "s1") + execute("") + sync());
    h.server(message('1') + message('2'));
    std::size_t told = 0;
    for (const Bytes& piece : {rows.substr(0, cut), rows.substr(cut)}) {
      Actions actions;
      h.server(piece, actions);
      for (const Action& action : actions.list())
        if (const auto* record = std::get_if<Record>(&action))
          told += record->members.find("\"rows\":3,\"sqlstate\":\"00000\"") != std::string::npos;
    }
    EXPECT_EQ(told, 1u) << cut;
  }
}

TEST(RelayTest, rows_for_a_refused_statement_never_reach_the_client) {
  RelayHarness h;
  h.client(query("select * from secret"));
  const auto list = h.server(row({"secret"}));
  for (const auto& line : list) EXPECT_THAT(line, Not(HasSubstr("secret")));
  EXPECT_THAT(list.back(), StartsWith("close"));
}

// A conversation must come out the same, wherever the bytes are cut.
TEST(RelayTest, every_split_gives_the_same_result) {
  const Bytes from_client = parse("s1", "select name from patients where id = $1") + bind_to("", "s1", {"1"}) + execute("") + sync();
  const Bytes from_server = message('1') + message('2') + row({"Ada"}) + complete("SELECT 1") + ready('I');
  RelayHarness whole;
  auto client_whole = whole.client(from_client);
  ASSERT_THAT(client_whole, ElementsAre(StartsWith("server P"), "server B s1 1", "server E", "server S"));
  auto server_whole = whole.server(from_server);
  for (std::size_t cut = 1; cut < std::max(from_client.size(), from_server.size()); ++cut) {
    RelayHarness h;
    auto one = h.client(from_client.substr(0, std::min(cut, from_client.size())));
    auto two = cut < from_client.size() ? h.client(from_client.substr(cut)) : std::vector<std::string>{};
    one.insert(one.end(), two.begin(), two.end());
    EXPECT_EQ(one, client_whole) << cut;
    h.server(from_server.substr(0, std::min(cut, from_server.size())));
    if (cut < from_server.size()) h.server(from_server.substr(cut));
    EXPECT_TRUE(h.relay.idle()) << cut;
  }
  EXPECT_THAT(server_whole, ElementsAre("record? stmt.read", "client 1", "client 2", "client D Ada", "client C SELECT 1", "client Z I"));
}

// Wherever the bytes are cut: no byte of a row goes to the client before the record that tells of it, and the
// outcome is told exactly once.
TEST(RelayTest, no_row_precedes_its_record_wherever_it_is_cut) {
  const Bytes first = message('T', std::string(2, '\0')), rows = row({"Ada"}) + row({"Grace"});
  const Bytes answer = first + rows + complete("SELECT 2") + ready('I');
  for (std::size_t one = 0; one <= answer.size(); ++one) {
    for (std::size_t two = one; two <= answer.size(); ++two) {
      RelayHarness h;
      h.client(query("select name from patients"));
      std::size_t sent = 0, told = 0;
      bool recorded = false;
      for (const Bytes& piece : {answer.substr(0, one), answer.substr(one, two - one), answer.substr(two)}) {
        Actions actions;
        h.server(piece, actions);
        for (const Action& action : actions.list()) {
          if (const auto* record = std::get_if<Record>(&action)) {
            recorded = recorded || record->barrier == Barrier::disclosure;
            told += record->members.find("\"rows\":2,\"sqlstate\":\"00000\"") != std::string::npos;
            if (record->barrier == Barrier::none) continue;
            EXPECT_EQ(record->mid_message, sent != 0 && sent != first.size()) << one << ' ' << two;
          }
          if (const auto* bytes = std::get_if<ToClient>(&action)) sent += bytes->bytes().size();
          // The first byte of a row is not there without its record.
          EXPECT_TRUE(recorded || sent <= first.size()) << one << ' ' << two;
        }
      }
      EXPECT_EQ(sent, answer.size());
      EXPECT_EQ(told, 1u) << one << ' ' << two;
    }
  }
}

}  // namespace
}  // namespace pgward::proxy::test
