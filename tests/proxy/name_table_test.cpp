#include "proxy/session/name_table.h"

#include <gtest/gtest.h>

namespace pgward::proxy {
namespace {

using Table = NameTable<int>;
using Look = Table::Look;

TEST(NameTableTest, in_flight_counts_within_its_segment_only) {
  Table table;
  Table::Value value;
  table.started("n", std::make_shared<int>(1), 1);
  EXPECT_EQ(table.find("n", 1, value), Look::found);
  EXPECT_EQ(table.find("n", 2, value), Look::wait);
  table.succeeded("n", std::make_shared<int>(1));
  EXPECT_EQ(table.find("n", 2, value), Look::found);
}

TEST(NameTableTest, a_failure_leaves_what_was) {
  Table table;
  Table::Value value;
  table.started("n", std::make_shared<int>(1), 1);
  table.succeeded("n", std::make_shared<int>(1));
  table.started("n", std::make_shared<int>(2), 2);
  table.failed("n");
  ASSERT_EQ(table.find("n", 3, value), Look::found);
  EXPECT_EQ(*value, 1);
}

TEST(NameTableTest, keeps_nothing_of_names_that_mean_nothing) {
  Table table;
  for (int i = 0; i < 100; ++i) {
    table.started(std::to_string(i), nullptr, 1);
    table.failed(std::to_string(i));
  }
  EXPECT_EQ(table.size(), 0u);
}

TEST(NameTableTest, forgetting_spares_what_is_in_flight) {
  Table table;
  Table::Value value;
  table.started("n", std::make_shared<int>(1), 1);
  table.forget_all();
  table.succeeded("n", std::make_shared<int>(1));
  EXPECT_EQ(table.find("n", 2, value), Look::found);
}

}  // namespace
}  // namespace pgward::proxy
