#include "proxy/net/record_gate.h"

#include <gtest/gtest.h>

#include <set>

namespace pgward::proxy {
namespace {

class FakeLog : public audit::Log {
 public:
  audit::Ticket append(std::string, std::int64_t, audit::Pace) override { return 0; }
  audit::Fate fate(audit::Ticket ticket) const override {
    if (lost.contains(ticket)) return audit::Fate::lost;
    return ticket <= durable_to ? audit::Fate::durable : audit::Fate::waiting;
  }
  audit::Ticket durable() const override { return durable_to; }
  std::uint64_t durable_seq() const override { return 0; }
  bool failed() const override { return false; }
  bool flush() override { return true; }

  audit::Ticket durable_to = 0;
  std::set<audit::Ticket> lost;
};

std::string released(RecordGate& gate, const FakeLog& log) {
  protocol::Bytes out;
  EXPECT_TRUE(gate.release(log, out));
  return out;
}

TEST(RecordGate, LetsThroughWhatWaitsForNothing) {
  RecordGate gate;
  EXPECT_FALSE(gate.hold("a"));
  EXPECT_FALSE(gate.waiting());
}

TEST(RecordGate, ReleasesInTheOrderOfTheRecords) {
  RecordGate gate;
  FakeLog log;
  gate.wait(1, false);
  EXPECT_TRUE(gate.hold("one "));
  gate.wait(2, false);
  gate.wait(3, false);
  EXPECT_TRUE(gate.hold("two "));
  EXPECT_TRUE(gate.hold("three"));
  EXPECT_EQ(gate.held_bytes(), 13u);
  EXPECT_EQ(released(gate, log), "");
  log.durable_to = 1;
  EXPECT_EQ(released(gate, log), "one ");
  log.durable_to = 2;
  EXPECT_EQ(released(gate, log), "");
  EXPECT_TRUE(gate.waiting());
  log.durable_to = 3;
  EXPECT_EQ(released(gate, log), "two three");
  EXPECT_FALSE(gate.waiting());
  EXPECT_FALSE(gate.hold("four"));
}

TEST(RecordGate, OneLostRecordStopsEverythingBehindIt) {
  RecordGate gate;
  FakeLog log;
  gate.wait(1, false);
  gate.hold("a");
  gate.wait(2, false);
  gate.hold("b");
  log.lost = {1};
  log.durable_to = 2;  // mended since
  protocol::Bytes out;
  EXPECT_FALSE(gate.release(log, out));
  EXPECT_EQ(out, "");
  gate.clear();
  EXPECT_FALSE(gate.waiting());
  EXPECT_EQ(gate.held_bytes(), 0u);
}

TEST(RecordGate, TellsWhetherWhatIsHeldBeginsInAMessage) {
  RecordGate gate;
  EXPECT_FALSE(gate.mid_message());
  gate.wait(1, true);
  gate.hold("rest of a row");
  gate.wait(2, false);
  EXPECT_TRUE(gate.mid_message());
}

}  // namespace
}  // namespace pgward::proxy
