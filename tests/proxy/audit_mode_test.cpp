// Mode closed-writes: reads go on while the disk fails, counted; nothing else does, and nobody can bring it about from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/net/record_gate.h"
#include "proxy/serve/outage.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kRefused = "server Q pgward: statement refused";

class Services : public FakeServices {
 public:
  bool reads_may_go_on() override { return disk_failed; }
  std::uint64_t audit_failures() override { return failures; }
  bool disk_failed = false;
  std::uint64_t failures = 0;
};

class AuditModeTest : public testing::Test {
 protected:
  void begin(AuditMode mode, std::string emergency = {}) {
    relay.emplace(services, admitted(services.world_), Scribe("\"actor\":{}", "s1", std::move(emergency), mode));
  }
  const Actions& client(const Bytes& bytes) {
    actions.clear();
    ByteView input = keep = bytes;
    relay->client(input, actions);
    return actions;
  }
  const Actions& server(const Bytes& bytes) {
    actions.clear();
    ByteView input = keep = bytes;
    relay->server(input, actions);
    return actions;
  }
  const Record& only_record() const {
    for (const Action& action : actions.list())
      if (const auto* record = std::get_if<Record>(&action)) return *record;
    throw std::runtime_error("no record");
  }
  const Record& read_one() {
    client(query("select name from patients"));
    server(row({"Ada"}) + complete("SELECT 1") + ready('I'));
    return only_record();
  }
  void fail_disk() {
    services.audit = false;
    services.disk_failed = true;
    ++services.failures;
  }
  Services services;
  std::optional<Relay> relay;
  Actions actions;
  Bytes keep;
};

TEST_F(AuditModeTest, closed_refuses_reads_too) {
  begin(AuditMode::closed);
  fail_disk();
  EXPECT_THAT(lines(client(query("select name from patients"))), Contains(kRefused));
}

TEST_F(AuditModeTest, closed_writes_lets_reads_go_on) {
  begin(AuditMode::closed_writes);
  fail_disk();
  EXPECT_TRUE(read_one().may_be_missed);
  EXPECT_THAT(only_record().members, HasSubstr(R"("mode":"closed-writes")"));
}

TEST_F(AuditModeTest, closed_writes_refuses_whatever_may_change_something) {
  begin(AuditMode::closed_writes);
  fail_disk();
  for (const auto* sql : {"update patients set name = 'x'", "select name from patients; delete from patients", "with d as (delete from patients returning name) select name from d"}) {
    EXPECT_THAT(lines(client(query(sql))), Contains(kRefused)) << sql;
    server(error("42601", "syntax error at or near \"pgward\"") + ready('I'));
  }
}

TEST_F(AuditModeTest, an_intent_is_never_missed) {
  begin(AuditMode::closed_writes);
  client(query("update patients set name = 'x'"));
  EXPECT_FALSE(only_record().may_be_missed);
}

// The log works but for an anchor that says no: an attacker may have brought that about.
TEST_F(AuditModeTest, an_anchor_that_says_no_stops_reads_too) {
  begin(AuditMode::closed_writes);
  services.audit = false;
  EXPECT_THAT(lines(client(query("select name from patients"))), Contains(kRefused));
}

TEST_F(AuditModeTest, who_has_broken_the_glass_reads_nothing_unrecorded) {
  begin(AuditMode::closed_writes, "bg-1");
  EXPECT_FALSE(read_one().may_be_missed);
  fail_disk();
  EXPECT_THAT(lines(client(query("select name from patients"))), Contains(kRefused));
}

// "like" must not lead to a record that the disk has lost.
TEST_F(AuditModeTest, after_a_failure_everything_is_told_in_full_again) {
  begin(AuditMode::closed_writes);
  EXPECT_THAT(read_one().members, HasSubstr("\"tables\""));
  EXPECT_THAT(read_one().members, HasSubstr("\"like\":1"));
  fail_disk();
  EXPECT_THAT(read_one().members, HasSubstr("\"tables\""));
  EXPECT_THAT(read_one().members, HasSubstr("\"like\":3"));
  client(query("select id, name from patients"));
  server(row({"1", "Ada"}) + complete("SELECT 1") + ready('I'));
  EXPECT_THAT(only_record().members, HasSubstr("\"tables\""));
}

class FakeLog : public audit::Log {
 public:
  audit::Ticket append(std::string members, std::int64_t, audit::Pace) override { return failed_now ? 0 : (records.push_back(std::move(members)), ++last); }
  audit::Fate fate(audit::Ticket ticket) const override { return lost ? audit::Fate::lost : ticket <= durable_to ? audit::Fate::durable : audit::Fate::waiting; }
  audit::Ticket durable() const override { return durable_to; }
  bool failed() const override { return failed_now; }
  bool barred() const override { return barred_now; }
  std::uint64_t durable_seq() const override { return durable_to; }
  bool flush() override { return durable_to = last, true; }
  audit::Ticket last = 0, durable_to = 0;
  bool failed_now = false, barred_now = false, lost = false;
  std::vector<std::string> records;
};

TEST(MissedRecord, LetsWhatWaitedForItGoOnIfItMay) {
  FakeLog log;
  log.lost = true;
  RecordGate gate;
  gate.wait(1, false, true);
  gate.hold("rows");
  protocol::Bytes out;
  EXPECT_TRUE(gate.release(log, out));
  EXPECT_EQ(out, "rows");
  EXPECT_EQ(gate.missed(), 1u);
  EXPECT_EQ(gate.missed(), 0u);
}

TEST(MissedRecord, StopsWhatMayNotAndEverythingWhenAnAnchorSaysNo) {
  FakeLog log;
  log.lost = true;
  RecordGate gate;
  gate.wait(1, false, true);
  gate.wait(2, false, false);
  protocol::Bytes out;
  EXPECT_FALSE(gate.release(log, out));
  RecordGate barred;
  barred.wait(1, false, true);
  log.barred_now = true;
  EXPECT_FALSE(barred.release(log, out));
}

TEST(Outage, TellsPeopleAndThenTheTrailHowManyReadsWentUnrecorded) {
  FakeLog log;
  std::vector<std::string> told;
  Outage outage(AuditMode::closed_writes, [&](std::string line) { told.push_back(std::move(line)); });
  outage.look(log, 0, 1);
  EXPECT_THAT(told, testing::IsEmpty());
  log.failed_now = true;
  outage.look(log, 0, 2);
  outage.look(log, 3, 3);
  EXPECT_THAT(told, ElementsAre("{\"type\":\"log.degraded\",\"mode\":\"closed-writes\",\"reads_go_on\":true}\n"));
  EXPECT_TRUE(outage.pending());
  log.failed_now = false;
  outage.look(log, 5, 4);
  EXPECT_THAT(log.records, ElementsAre(R"("type":"log.restored","mode":"closed-writes","unrecorded_reads":5)"));
  EXPECT_EQ(told.size(), 2u);
  log.lost = true;  // the disk again: that record never comes
  outage.look(log, 5, 5);
  EXPECT_EQ(log.records.size(), 2u);
  log.lost = false;
  outage.end(log, 6, 6);
  EXPECT_THAT(log.records.back(), HasSubstr("\"unrecorded_reads\":"));
  EXPECT_FALSE(outage.pending());
}

}  // namespace
}  // namespace pgward::proxy::test
