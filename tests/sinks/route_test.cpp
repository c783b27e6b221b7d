#include "proxy/sinks/route.h"

#include <gmock/gmock.h>

#include "audit/sha256.h"
#include "fake_log.h"

namespace pgward::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RouteTest : public testing::Test {
 protected:
  RouteTest() : log_(open_log(place_)) {}
  std::filesystem::path cursor() const { return place_.path / "x.cursor"; }
  Route route() { return {place_.log(), cursor(), sink_, {"1"}}; }
  Load next(Route& route) {
    auto answer = route.next(log_->durable_seq());
    if (auto* wrong = std::get_if<std::string>(&answer)) ADD_FAILURE() << *wrong;
    return std::get<Load>(std::move(answer));
  }
  static std::vector<std::uint64_t> numbers(const Load& load) {
    std::vector<std::uint64_t> list;
    for (const Parcel& parcel : load.parcels) list.push_back(parcel.seq);
    return list;
  }

  Place place_;
  SinkPlace sink_;
  std::unique_ptr<audit::Log> log_;
};

TEST_F(RouteTest, EveryRecordInItsOrderAndNothingTwice) {
  append(*log_, session_open("s1"));
  Route route = this->route();
  ASSERT_EQ(route.open(log_->durable_seq()), "");
  const Load first = next(route);
  EXPECT_THAT(numbers(first), ElementsAre(1, 2));
  EXPECT_EQ(first.parcels[1].type, "session.open");
  EXPECT_EQ(first.parcels[1].session, "s1");
  route.delivered(first);
  EXPECT_THAT(next(route).parcels, IsEmpty());
  append(*log_, session_close("s1"));
  EXPECT_THAT(numbers(next(route)), ElementsAre(3));
}

TEST_F(RouteTest, GoesOnWhereTheCursorStands) {
  append(*log_, session_open("s1"));
  Route first = route();
  ASSERT_EQ(first.open(log_->durable_seq()), "");
  first.delivered(next(first));
  ASSERT_EQ(first.save(), "");
  append(*log_, session_close("s1"));
  Route second = route();
  ASSERT_EQ(second.open(log_->durable_seq()), "");
  const Load load = next(second);
  EXPECT_THAT(numbers(load), ElementsAre(3));
  EXPECT_THAT(load.parcels[0].texts[0], HasSubstr(R"("actor":{"iss":"https://idp.test","sub":"u-1")")) << "what the session said before the cursor";
}

// Nothing that came before the cursor is needed then, but for the record that the cursor is of.
TEST_F(RouteTest, GoesOnWhenNoSessionIsOpen) {
  Route first = route();
  ASSERT_EQ(first.open(log_->durable_seq()), "");
  first.delivered(next(first));
  ASSERT_EQ(first.save(), "");
  append(*log_, session_open("s1"));
  Route second = route();
  ASSERT_EQ(second.open(log_->durable_seq()), "");
  EXPECT_THAT(numbers(next(second)), ElementsAre(2));
}

TEST_F(RouteTest, WhatWasNotDeliveredComesAgain) {
  append(*log_, session_open("s1"));
  for (int n = 0; n < 3; ++n) {
    Route route = this->route();
    ASSERT_EQ(route.open(log_->durable_seq()), "");
    EXPECT_THAT(numbers(next(route)), ElementsAre(1, 2));
  }
}

TEST_F(RouteTest, OnlyWhatIsWanted) {
  append(*log_, session_open("s1"));
  append(*log_, session_close("s1"));
  sink_.types = {"session.close", "stm"};
  Route route = this->route();
  ASSERT_EQ(route.open(log_->durable_seq()), "");
  const Load load = next(route);
  EXPECT_THAT(numbers(load), ElementsAre(3));
  EXPECT_EQ(load.end.seq, 3u);
  sink_.types = {"session"};
  std::filesystem::remove(cursor());
  Route other = this->route();
  ASSERT_EQ(other.open(log_->durable_seq()), "");
  EXPECT_THAT(numbers(next(other)), ElementsAre(2, 3));
}

TEST_F(RouteTest, ANewSinkMayStartNow) {
  append(*log_, session_open("s1"));
  sink_.from_now = true;
  Route route = this->route();
  ASSERT_EQ(route.open(log_->durable_seq()), "");
  EXPECT_THAT(next(route).parcels, IsEmpty());
  append(*log_, session_close("s1"));
  Route again = this->route();  // the second time there is a cursor
  ASSERT_EQ(again.open(log_->durable_seq()), "");
  EXPECT_THAT(numbers(next(again)), ElementsAre(3));
}

TEST_F(RouteTest, AnotherLogInItsPlaceIsNoticed) {
  append(*log_, session_open("s1"));
  ASSERT_EQ(write_cursor(cursor(), {2, std::string(64, 'a'), 2}), "");
  EXPECT_THAT(route().open(log_->durable_seq()), HasSubstr("the cursor is of another log"));
  ASSERT_EQ(write_cursor(cursor(), {9, std::string(64, 'a'), 2}), "");
  EXPECT_THAT(route().open(log_->durable_seq()), HasSubstr("is it an older copy?"));
}

// FHIR has an event for each patient: of many, each load takes some, and the record counts when the last one is there.
TEST_F(RouteTest, ARecordOfManyPatientsIsSeveralLoads) {
  std::string members = R"("type":"stmt.touch","session":"s1","statement":1,"touched":[{"table":"public.patients","mode":"keys","subjects":[)";
  for (int n = 0; n < 5000; ++n) members += (n == 0 ? "\"" : ",\"") + std::to_string(100'000 + n) + std::string(26, 'f') + '"';
  append(*log_, members + "]}]");
  append(*log_, session_close("s1"));
  sink_.format = audit::Format::fhir;
  Route route = this->route();
  ASSERT_EQ(route.open(log_->durable_seq()), "");
  std::size_t texts = 0, loads = 0;
  std::uint64_t last = 0;
  for (Load load = next(route); !load.parcels.empty(); load = next(route), ++loads) {
    std::size_t bytes = 0;
    for (const Parcel& parcel : load.parcels) {
      if (parcel.seq == 2) {
        EXPECT_EQ(parcel.first_part, texts);
        texts += parcel.texts.size();
      }
      for (const std::string& text : parcel.texts) bytes += text.size();
      last = parcel.seq;
    }
    EXPECT_LT(bytes, std::size_t{5} << 18);
    route.delivered(load);
    EXPECT_EQ(route.seq() >= 2, texts == 5000);
    EXPECT_GE(route.seq(), 1u) << "not back to the beginning";
  }
  EXPECT_EQ(texts, 5000u);
  EXPECT_GT(loads, 3u);
  EXPECT_EQ(last, log_->durable_seq());
  EXPECT_EQ(route.seq(), last);
}

TEST_F(RouteTest, ManyRecordsAreSeveralLoads) {
  for (int n = 0; n < 2500; ++n) log_->append(session_open("s" + std::to_string(n)), 1);
  ASSERT_TRUE(log_->flush());
  Route route = this->route();
  ASSERT_EQ(route.open(log_->durable_seq()), "");
  std::uint64_t seen = 0;
  for (Load load = next(route); !load.parcels.empty(); load = next(route)) {
    EXPECT_LE(load.parcels.size(), 1000u);
    for (const Parcel& parcel : load.parcels) EXPECT_EQ(parcel.seq, ++seen);
    route.delivered(load);
  }
  EXPECT_EQ(seen, log_->durable_seq());
}

}  // namespace
}  // namespace pgward::proxy
