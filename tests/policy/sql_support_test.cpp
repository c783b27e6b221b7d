// docs/sql-support.md says what becomes of each kind of statement. Every example in it is planned here.
#include <gtest/gtest.h>

#include <sstream>

#include "fixture.h"

namespace pgward::policy {
namespace {

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream in(row.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t from = cell.find_first_not_of(' ');
    cells.push_back(from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(' ') - from + 1));
  }
  return cells;
}

std::string outcome_of(const std::string& sql, const std::string& role) {
  const Plan plan = fixture::plan_for(sql, QueryProtocol::simple, role);
  const Rendered rendered = render(plan, sql, fixture::ehr_policy(), fixture::clinic_a());
  if (rendered.refusal) return "refused `" + fixture::name_of(*rendered.refusal) + "`";
  return rendered.changed ? "rewritten" : "passed";
}

TEST(SqlSupportTest, EveryExampleComesOutAsThePageSays) {
  std::istringstream page(fixture::read_file("docs/sql-support.md"));
  std::size_t examples = 0;
  std::string role = "clinician";
  for (std::string line; std::getline(page, line) && line != "## How many that is";) {
    if (line.starts_with("## ")) role = line == "## Changes of the schema" ? "migrator" : "clinician";
    if (!line.starts_with("| ") || line.starts_with("| statement |")) continue;
    SCOPED_TRACE(line);
    const std::vector<std::string> cells = cells_of(line);
    ASSERT_GE(cells.size(), 4U);
    const std::string& example = cells[1];
    ASSERT_TRUE(example.size() > 2 && example.front() == '`' && example.back() == '`');
    EXPECT_EQ(outcome_of(example.substr(1, example.size() - 2), role), cells[2]);
    ++examples;
  }
  EXPECT_GE(examples, 40U);
}

}  // namespace
}  // namespace pgward::policy
