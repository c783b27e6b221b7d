// The trail knows what became of changes: COMMIT is recorded before it is forwarded, and the end when the server says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr auto kChange = "update patients set name = 'x' where id = 1";
const auto kAnError = [] { return error("23505", "duplicate key value violates unique constraint \"patients_pkey\""); };

class TransactionTest : public testing::Test {
 protected:
  // Records of transactions, in short.
  std::vector<std::string> server(const Bytes& bytes) {
    Actions actions;
    h.server(bytes, actions);
    return told(actions);
  }
  static std::vector<std::string> told(const Actions& actions) {
    std::vector<std::string> out;
    for (const Action& action : actions.list()) {
      const auto* record = std::get_if<Record>(&action);
      if (!record) continue;
      const auto json = nlohmann::json::parse("{" + record->members + "}");
      EXPECT_EQ(json.at("mode"), "closed");
      const std::string type = json.at("type");
      if (!type.starts_with("tx.")) continue;
      out.push_back(type + " " + json.value("outcome", "") + " " + std::to_string(json.at("from").get<int>()) + "-" + std::to_string(json.at("through").get<int>()) + json.value("undone", ""));
    }
    return out;
  }
  std::vector<std::string> run(std::string_view sql, std::string_view tag, char status) {
    h.client(query(sql));
    return server(complete(tag) + ready(status));
  }
  RelayHarness h;
};

TEST_F(TransactionTest, a_commit_of_changes_is_durable_before_it_is_forwarded) {
  run("begin", "BEGIN", 'T');
  EXPECT_THAT(run(kChange, "UPDATE 1", 'T'), IsEmpty());
  EXPECT_THAT(h.client(query("commit")), ElementsAre("record! tx.commit", "server Q commit"));
  EXPECT_THAT(server(complete("COMMIT") + ready('I')), ElementsAre("tx.end committed 2-2"));
  EXPECT_THAT(h.client(query("commit")), ElementsAre("server Q commit"));
}

TEST_F(TransactionTest, one_that_only_read_commits_as_it_did) {
  run("begin", "BEGIN", 'T');
  h.client(query("select name from patients"));
  h.server(row({"Ada"}) + complete("SELECT 1") + ready('T'));
  EXPECT_THAT(h.client(query("commit")), ElementsAre("server Q commit"));
  EXPECT_THAT(server(complete("COMMIT") + ready('I')), IsEmpty());
}

TEST_F(TransactionTest, a_commit_that_cannot_be_recorded_is_refused) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  h.services.audit = false;
  EXPECT_THAT(h.client(query("commit")), Contains(HasSubstr("pgward: statement refused")));
  EXPECT_THAT(h.client(query("rollback")), Contains("server Q rollback"));
}

TEST_F(TransactionTest, the_commit_of_a_failed_transaction_is_a_rollback) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  h.client(query(kChange));
  EXPECT_THAT(server(kAnError() + ready('E')), IsEmpty());
  h.client(query("commit"));
  EXPECT_THAT(server(complete("ROLLBACK") + ready('I')), ElementsAre("tx.end rolled_back 2-2"));
}

TEST_F(TransactionTest, a_commit_that_fails_is_a_rollback) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  h.client(query("commit"));
  EXPECT_THAT(server(kAnError() + ready('I')), ElementsAre("tx.end rolled_back 2-2"));
}

TEST_F(TransactionTest, a_statement_alone_needs_no_record_of_its_end) { EXPECT_THAT(run(kChange, "UPDATE 1", 'I'), IsEmpty()); }

TEST_F(TransactionTest, the_first_of_a_string_is_undone_when_the_second_fails) {
  h.client(query(std::string(kChange) + "; " + kChange));
  EXPECT_THAT(server(complete("UPDATE 1") + kAnError() + ready('I')), ElementsAre("tx.end rolled_back 1-1"));
}

TEST_F(TransactionTest, a_deferred_constraint_that_fails_at_sync_undoes_the_pipeline) {
  h.client(parse("", kChange) + bind_to("", "") + execute("") + sync());
  EXPECT_THAT(server(message('1') + message('2') + complete("UPDATE 1") + kAnError() + ready('I')), ElementsAre("tx.end rolled_back 1-1"));
}

TEST_F(TransactionTest, rolling_back_to_a_savepoint_is_told) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  run("savepoint \"A b\"", "SAVEPOINT", 'T');
  run(kChange, "UPDATE 1", 'T');
  EXPECT_THAT(run("rollback to \"A b\"", "ROLLBACK", 'T'), ElementsAre("tx.undone  4-4"));
  EXPECT_THAT(run("commit", "COMMIT", 'I'), ElementsAre("tx.end committed 2-3"));
}

TEST_F(TransactionTest, what_is_open_when_the_client_goes_is_undone) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  Actions actions;
  h.relay.close("client went away", actions);
  EXPECT_THAT(told(actions), ElementsAre("tx.end rolled_back 2-2"));
}

TEST_F(TransactionTest, of_a_commit_without_an_answer_nobody_knows) {
  run("begin", "BEGIN", 'T');
  run(kChange, "UPDATE 1", 'T');
  h.client(query("commit"));
  Actions actions;
  h.relay.close("upstream closed the connection", actions);
  EXPECT_THAT(told(actions), ElementsAre("tx.end unknown 2-2"));
}

}  // namespace
}  // namespace pgward::proxy::test
