// Every statement that the tests know, judged in every way; and that each kind of mistake would be noticed.
#include "every_way.h"

#include <gtest/gtest.h>

#include "fixture.h"
#include "overlooked.h"
#include "statements.h"

namespace pgward::tests {
namespace {

using policy::fixture::default_path;
using policy::fixture::ehr_catalog;
using policy::fixture::ehr_policy;

const policy::TenantValues& nobody() {
  static const policy::TenantValues values = std::get<policy::TenantValues>(policy::tenant_values(
      ehr_policy(), {{"tenant_id", "0ddba11c-0ff3-4bad-8ead-c0dedeadbeef"}, {"tenant_no", "31873"}, {"org_code", "pgward-many"}}));
  return values;
}

const policy::TenantValues& none() {
  static const policy::TenantValues values;
  return values;
}

TEST(EveryWayTest, NothingIsWrongWithAnyStatement) {
  std::size_t accepted = 0;
  for (const policy::Policy* policy : {&ehr_policy(), &policy::fixture::fenced_policy()})
    for (const char* role : {"clinician", "open", "desk"}) {
      const EveryWay way{*policy, policy->roles.at(role), ehr_catalog(), default_path(), nobody()};
      for (const std::string& sql : statements()) {
        const Outcome outcome = way.check(sql);
        EXPECT_EQ(outcome.wrong, "") << role << ": " << sql;
        accepted += outcome.changed;
      }
    }
  EXPECT_GT(accepted, 1500u);
}

// The same for a policy that wants keys of every table: nothing but them is added to what is sent without.
TEST(EveryWayTest, KeysAreAllThatIsAdded) {
  const policy::Policy fenced = policy::fixture::with_keys(policy::fixture::fenced_policy(), ehr_catalog());
  std::size_t added = 0;
  for (const auto& [policy, plain] : {std::pair{&policy::fixture::keys_policy(), &ehr_policy()}, std::pair{&fenced, &policy::fixture::fenced_policy()}})
    for (const char* role : {"clinician", "open", "desk", "reporting"}) {
      const auto& values = role == std::string("reporting") ? none() : nobody();
      const EveryWay way{*policy, policy->roles.at(role), ehr_catalog(), default_path(), values, plain};
      for (const std::string& sql : statements()) {
        const Outcome outcome = way.check(sql);
        EXPECT_EQ(outcome.wrong, "") << role << ": " << sql;
        added += outcome.keys;
      }
    }
  EXPECT_GT(added, 1500u);
}

struct NamedCase {
  const char* sql;
  std::size_t read;
  std::size_t written;
};

TEST(EveryWayTest, AnotherReaderFindsReferences) {
  for (const NamedCase& each : {NamedCase{"SELECT 1 FROM patients", 1, 0}, NamedCase{"SELECT 1 FROM ref_icd10", 0, 0},
                                NamedCase{"SELECT (SELECT 1 FROM wards) FROM patients p JOIN public.patients q ON true", 3, 0},
                                NamedCase{"WITH patients AS (SELECT 1) SELECT 1 FROM patients", 0, 0},
                                NamedCase{"INSERT INTO wards (name) SELECT mrn FROM patients", 1, 1},
                                NamedCase{"UPDATE wards SET name = 'x' FROM patients", 2, 0},
                                NamedCase{"DELETE FROM wards WHERE CURRENT OF c", 0, 1},
                                NamedCase{"COPY wards FROM STDIN", 0, 1}, NamedCase{"COPY wards TO STDOUT", 1, 0},
                                NamedCase{"LOCK TABLE wards, patients IN ROW SHARE MODE", 0, 2},
                                NamedCase{"CREATE TEMP TABLE wards AS SELECT 1 FROM patients", 1, 0},
                                NamedCase{"MERGE INTO wards w USING patients p ON true WHEN MATCHED THEN DELETE", 2, 0}}) {
    const auto found = named_relations(each.sql, ehr_policy(), ehr_catalog(), default_path());
    ASSERT_TRUE(found) << each.sql;
    EXPECT_EQ(found->read.size(), each.read) << each.sql;
    EXPECT_EQ(found->written.size(), each.written) << each.sql;
  }
  EXPECT_FALSE(named_relations("SELECT FROM WHERE", ehr_policy(), ehr_catalog(), default_path()));
}

}  // namespace
}  // namespace pgward::tests
