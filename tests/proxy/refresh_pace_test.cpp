#include "proxy/serve/refresh_pace.h"

#include <gtest/gtest.h>

#include "proxy/session/ddl_tag.h"

namespace pgward::proxy {
namespace {

TEST(RefreshPaceTest, ComesAtItsInterval) {
  RefreshPace pace(60'000, 1000);
  EXPECT_EQ(pace.due(), 61'000);
  pace.begun();
  pace.done(61'500);
  EXPECT_EQ(pace.due(), 121'500);
}

TEST(RefreshPaceTest, ComesSoonAfterDdl) {
  RefreshPace pace(60'000, 0);
  pace.suspect_ddl();
  EXPECT_EQ(pace.due(), RefreshPace::kAfterDdlMs);
}

TEST(RefreshPaceTest, MissesCannotHurryIt) {
  RefreshPace pace(60'000, 0);
  for (int i = 0; i < 1000; ++i) pace.suspect_miss();
  EXPECT_EQ(pace.due(), RefreshPace::kAfterMissMs);
  pace.begun();
  pace.done(5'100);
  EXPECT_EQ(pace.due(), 65'100);
  pace.suspect_miss();
  EXPECT_EQ(pace.due(), 5'100 + RefreshPace::kAfterMissMs);
}

TEST(RefreshPaceTest, WhatIsSuspectedMeanwhileAsksAgain) {
  RefreshPace pace(60'000, 0);
  pace.suspect_ddl();
  pace.begun();
  pace.suspect_ddl();
  pace.done(400);
  EXPECT_EQ(pace.due(), 400 + RefreshPace::kAfterDdlMs);
}

TEST(RefreshPaceTest, AnUnreadDatabaseIsTriedAgain) {
  RefreshPace pace(60'000, 0);
  pace.unread(true);
  EXPECT_EQ(pace.due(), RefreshPace::kUnreadMs);
  pace.unread(false);
  EXPECT_EQ(pace.due(), 60'000);
}

TEST(DdlTagTest, GoesByTheFirstWord) {
  using std::string_view_literals::operator""sv;
  for (const auto tag : {"CREATE TABLE\0"sv, "DROP VIEW\0"sv, "DO\0"sv, "GRANT\0"sv, "ALTER TABLE"sv, "CALL"sv})
    EXPECT_TRUE(may_change_catalog(tag)) << tag;
  for (const auto tag : {"SELECT 1\0"sv, "INSERT 0 1\0"sv, "COMMIT\0"sv, "DOES\0"sv, "\0"sv, ""sv, "SET\0"sv})
    EXPECT_FALSE(may_change_catalog(tag)) << tag;
}

}  // namespace
}  // namespace pgward::proxy
