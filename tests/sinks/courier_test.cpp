#include "proxy/sinks/courier.h"

#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>
#include <set>

#include "fake_log.h"

namespace pgward::proxy {
namespace {

// What arrived, and faults on demand.
struct OtherSide {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> arrived;
  int refuse = 0;        // so many loads, after taking half of them
  int throws = 0;        // so many loads
  bool deaf = false;     // nothing comes back until it is stopped
  int loads = 0;

  bool holds(std::uint64_t upto) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(30), [&] {
      const std::set<std::uint64_t> all(arrived.begin(), arrived.end());
      return all.size() >= upto && *all.rbegin() >= upto;
    });
  }
};

class FakeSink final : public Sink {
 public:
  FakeSink(OtherSide& other, const Stop& stop) : other_(other), stop_(stop) {}
  std::optional<std::string> deliver(std::span<const Parcel> parcels) override {
    std::unique_lock lock(other_.mutex);
    ++other_.loads;
    if (other_.throws > 0 && other_.throws-- > 0) throw std::runtime_error("Xquilopawyck");
    const bool refused = other_.refuse > 0;
    if (refused) --other_.refuse;
    for (const Parcel& parcel : parcels.first(refused ? parcels.size() / 2 : parcels.size())) other_.arrived.push_back(parcel.seq);
    other_.changed.notify_all();
    if (other_.deaf) {
      lock.unlock();
      while (!stop_.within_ms(1000)) {}
      return "stopped";
    }
    return refused ? std::optional<std::string>("refused") : std::nullopt;
  }
  std::int64_t gather_ms() const override { return 0; }

 private:
  OtherSide& other_;
  const Stop& stop_;
};

class CourierTest : public testing::Test {
 protected:
  CourierTest() { place_sink_.name = "x"; }
  void begin() {
    courier_ = std::make_unique<Courier>(place_sink_, place_.log(), audit::Producer{"1"}, [this](const SinkPlace&, const Stop& stop) { return std::make_unique<FakeSink>(other_, stop); });
    log_ = open_log(place_, [this] { courier_->ring(); });
    courier_->start(*log_);
  }
  void end() {
    courier_->stop();
    log_.reset();
    courier_.reset();
  }
  ~CourierTest() override {
    if (courier_) end();
  }

  Place place_;
  SinkPlace place_sink_;
  OtherSide other_;
  std::unique_ptr<Courier> courier_;
  std::unique_ptr<audit::Log> log_;
};

TEST_F(CourierTest, AllThatIsRecordedArrives) {
  begin();
  for (int n = 0; n < 50; ++n) {
    append(*log_, session_open("s" + std::to_string(n)));
    ASSERT_TRUE(other_.holds(log_->durable_seq())) << "woken, not asked again after a second";
  }
  EXPECT_TRUE(std::is_sorted(other_.arrived.begin(), other_.arrived.end()));
  EXPECT_EQ(other_.arrived.size(), log_->durable_seq()) << "nothing twice when nothing failed";
  courier_->finish();
  courier_->await_done(std::chrono::steady_clock::now() + std::chrono::seconds(30));
  const auto health = courier_->health();
  EXPECT_TRUE(health.up);
  EXPECT_EQ(health.lag_records, 0u);
  EXPECT_EQ(health.delivered, log_->durable_seq());
}

TEST_F(CourierTest, WhatWasRefusedComesAgain) {
  other_.refuse = 4;
  begin();
  for (int n = 0; n < 20; ++n) append(*log_, session_open("s" + std::to_string(n)));
  ASSERT_TRUE(other_.holds(log_->durable_seq()));
}

TEST_F(CourierTest, AnErrorWithinIsTriedAgain) {
  other_.throws = 3;
  testing::internal::CaptureStdout();
  begin();
  for (int n = 0; n < 20; ++n) append(*log_, session_open("s" + std::to_string(n)));
  const bool arrived = other_.holds(log_->durable_seq());
  const std::string told = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(arrived) << told;
  EXPECT_THAT(told, testing::HasSubstr("an error within pgward"));
  EXPECT_THAT(told, testing::Not(testing::HasSubstr("Xquilopawyck")));
}

TEST_F(CourierTest, OverStartsNothingIsMissing) {
  std::uint64_t durable = 0;
  for (int start = 0; start < 5; ++start) {
    other_.refuse = start % 2;
    begin();
    for (int n = 0; n < 20; ++n) append(*log_, session_open("s" + std::to_string(n)));
    durable = log_->durable_seq();
    if (start == 4) {
      ASSERT_TRUE(other_.holds(durable));
    }
    end();  // at once: what is under way comes again
  }
  const std::set<std::uint64_t> all(other_.arrived.begin(), other_.arrived.end());
  EXPECT_EQ(all.size(), durable);
}

// What lasts is told once a minute, and nobody says meanwhile that it is over.
TEST_F(CourierTest, ACursorThatCannotBeWrittenIsToldOfOnce) {
  begin();
  append(*log_, session_open("s"));
  ASSERT_TRUE(other_.holds(log_->durable_seq()));
  testing::internal::CaptureStdout();
  std::filesystem::rename(place_.log() / "sinks", place_.log() / "elsewhere");
  append(*log_, session_open("t"));
  EXPECT_TRUE(other_.holds(log_->durable_seq()));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  courier_->await_done(until);
  const std::string told = testing::internal::GetCapturedStdout();
  EXPECT_THAT(told, testing::HasSubstr("/audit/sinks"));
  EXPECT_THAT(told, testing::Not(testing::HasSubstr("delivers again")));
}

// A sink that never answers keeps neither the log nor the end of the process.
TEST_F(CourierTest, ADeafSinkHoldsNobodyUp) {
  other_.deaf = true;
  begin();
  for (int n = 0; n < 200; ++n) append(*log_, session_open("s" + std::to_string(n)));
  const auto health = courier_->health();
  EXPECT_FALSE(health.up);
  EXPECT_GE(health.lag_records, 200u);
  EXPECT_GE(health.lag_s, 0);
  end();
  EXPECT_LE(other_.loads, 2);
}

}  // namespace
}  // namespace pgward::proxy
