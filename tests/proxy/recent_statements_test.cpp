#include "proxy/session/recent_statements.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

using policy::QueryProtocol;

std::shared_ptr<const Statement> decided(const std::shared_ptr<const World>& world) {
  auto statement = std::make_shared<Statement>();
  statement->world = world;
  return statement;
}

TEST(RecentStatements, FindsWhatRestsOnTheSame) {
  const auto world = std::make_shared<const World>(), reloaded = std::make_shared<const World>();
  const auto statement = decided(world);
  RecentStatements recent;
  recent.keep("select 1", QueryProtocol::simple, 3, statement);
  EXPECT_EQ(recent.find("select 1", QueryProtocol::simple, *world, 3), statement);
  EXPECT_EQ(recent.find("select 2", QueryProtocol::simple, *world, 3), nullptr);
  EXPECT_EQ(recent.find("select 1", QueryProtocol::extended, *world, 3), nullptr);
  EXPECT_EQ(recent.find("select 1", QueryProtocol::simple, *reloaded, 3), nullptr);
  EXPECT_EQ(recent.find("select 1", QueryProtocol::simple, *world, 4), nullptr);
}

TEST(RecentStatements, KeepsNoRefusalNoLongTextAndNothingOfAnUnknownPath) {
  const auto world = std::make_shared<const World>();
  RecentStatements recent;
  auto refused = std::make_shared<Statement>();
  refused->world = world;
  refused->refusal = policy::Refusal::unknown_relation;
  recent.keep("a", QueryProtocol::simple, 1, refused);
  recent.keep("b", QueryProtocol::simple, 0, decided(world));
  const std::string text(3000, 'c');
  recent.keep(text, QueryProtocol::simple, 1, decided(world));
  EXPECT_EQ(recent.find("a", QueryProtocol::simple, *world, 1), nullptr);
  EXPECT_EQ(recent.find("b", QueryProtocol::simple, *world, 0), nullptr);
  EXPECT_EQ(recent.find(text, QueryProtocol::simple, *world, 1), nullptr);
}

TEST(RecentStatements, ForgetsTheOldest) {
  const auto world = std::make_shared<const World>();
  RecentStatements recent;
  for (int n = 0; n < 20; ++n) recent.keep(std::to_string(n), QueryProtocol::simple, 1, decided(world));
  for (int n = 0; n < 20; ++n)
    EXPECT_EQ(recent.find(std::to_string(n), QueryProtocol::simple, *world, 1) != nullptr, n >= 12) << n;
}

TEST(RecentStatements, TextsOfOnePlanPushOutEachOtherOnly) {
  const auto world = std::make_shared<const World>();
  const auto plan = std::make_shared<const policy::Plan>();
  RecentStatements recent;
  const auto keep = [&](const std::string& sql) {
    auto statement = std::make_shared<Statement>();
    statement->world = world;
    statement->plan = plan;
    recent.keep(sql, QueryProtocol::simple, 1, statement);
    return statement;
  };
  for (int n = 0; n < 4; ++n) recent.keep("fixed " + std::to_string(n), QueryProtocol::simple, 1, decided(world));
  const auto first = keep("select 0");
  first->plan_told_as = std::make_shared<std::vector<std::uint64_t>>(1, 7u);
  ASSERT_NE(recent.find("select 0", QueryProtocol::simple, *world, 1), nullptr);  // came again: keeps its place
  for (int n = 1; n < 50; ++n) EXPECT_EQ(keep("select " + std::to_string(n))->plan_told_as, first->plan_told_as);
  for (int n = 0; n < 4; ++n)
    EXPECT_NE(recent.find("fixed " + std::to_string(n), QueryProtocol::simple, *world, 1), nullptr);
  EXPECT_NE(recent.find("select 0", QueryProtocol::simple, *world, 1), nullptr);
  EXPECT_EQ(recent.find("select 48", QueryProtocol::simple, *world, 1), nullptr);
  EXPECT_NE(recent.find("select 49", QueryProtocol::simple, *world, 1), nullptr);
}

}  // namespace
}  // namespace pgward::proxy
