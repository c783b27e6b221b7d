#include "policy/first_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "fixture.h"
#include "policy/against_catalog.h"
#include "policy/file.h"
#include "policy/guess.h"
#include "policy/row_security_sql.h"

namespace pgward::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

Relation table(Oid oid, RelationName name, std::vector<std::pair<const char*, const char*>> columns) {
  Relation made;
  made.oid = oid;
  made.name = std::move(name);
  for (const auto& [column, type] : columns)
    made.columns.push_back({column, type, static_cast<int>(made.columns.size()) + 1, true, false, ""});
  return made;
}

// What init writes for a database loads, and check finds no error in it there.
std::string fitting_policy(const Catalog& catalog, const Survey& survey) {
  const std::string text = first_policy(catalog, survey);
  const Loaded loaded = load_policy(text, "f");
  for (const Mistake& mistake : loaded.mistakes) ADD_FAILURE() << mistake.line() << "\n" << text;
  if (loaded.policy) {
    for (const Mistake& finding : check_against(*loaded.policy, catalog, &survey))
      EXPECT_NE(finding.severity, Severity::error) << finding.line() << "\n" << text;
  }
  return text;
}

TEST(FirstPolicyTest, FitsTheTestSchema) {
  const std::string text = fitting_policy(fixture::ehr_catalog(), {});
  for (const char* expected :
       {"  patients:\n    tenant: clinic_id", "'\"Front Desk\".\"Check-In\"':\n    tenant: 'Clinic Id'",
        "{column: tenant_no, attribute: tenant_no}", "billing.claims:\n    tenant: {column: org_code",
        "ssn: ssn", "mode: predicate"})
    EXPECT_THAT(text, HasSubstr(expected));
}

TEST(FirstPolicyTest, AnEmptyDatabaseStillGivesAFileThatLoads) {
  Catalog nothing;
  nothing.database = "ehr";
  fitting_policy(nothing, {});
}

TEST(FirstPolicyTest, HostileNamesEndNoCommentAndNoValue) {
  Catalog catalog;
  catalog.database = "x\nversion: 7";
  const std::string evil = "a'b\"c: {tenant: x} # y";
  catalog.add(
      table(1, {"public", evil}, {{"clinic_id", "uuid"}, {"it's: \"x\" #", "text"}, {"line\nend", "text"}}));
  catalog.add(table(2, {"public", "two\nlines"}, {{"clinic_id", "uuid"}}));
  catalog.add(table(3, {"null", "true"}, {{"clinic_id", "uuid"}, {"on", "text"}}));
  catalog.add(table(4, {"public", "x\nroles: {root: {may: all}}"}, {{"email", "text"}}));
  const std::string text = fitting_policy(catalog, {});
  const auto policy = load_policy(text, "f").policy;
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->tables.contains({"public", evil}));
  EXPECT_TRUE(policy->tables.contains({"null", "true"}));
  EXPECT_FALSE(policy->roles.contains("root"));
}

TEST(FirstPolicyTest, TakesTheSettingThatRowLevelSecurityReads) {
  Catalog catalog;
  Relation patients =
      table(1, {"public", "patients"}, {{"id", "bigint"}, {"clinic_id", "uuid"}, {"house", "integer"}});
  patients.row_security = patients.force_row_security = true;
  patients.row_policies = {
      {"p", true, '*', "(clinic_id = (NULLIF(current_setting('my.clinic'::text, true), ''::text))::uuid)",
       ""}};
  catalog.add(patients);
  const std::string text = fitting_policy(catalog, {});
  EXPECT_THAT(text, HasSubstr("setting: my.clinic, type: uuid}"));
  EXPECT_THAT(text, HasSubstr("mode: rls+predicate"));
  EXPECT_THAT(text, Not(HasSubstr("claim: id,")));
}

TEST(FirstPolicyTest, CountsTellATenantFromAKey) {
  Catalog catalog;
  catalog.add(table(1, {"public", "visits"}, {{"id", "bigint"}, {"account_id", "integer"}}));
  Survey survey;
  survey.tables[{"public", "visits"}] = {1000, {{"account_id", {-1, ""}}}, {}};
  EXPECT_TRUE(guess_tenants(catalog, survey).empty());
  survey.tables[{"public", "visits"}].columns["account_id"].distinct = 12;
  EXPECT_EQ(guess_tenants(catalog, survey).size(), 1u);
}

TEST(FirstPolicyTest, TablesWithoutATenantStayShut) {
  Catalog catalog;
  catalog.add(table(1, {"public", "orders"}, {{"id", "bigint"}, {"clinic_id", "uuid"}}));
  catalog.add(table(2, {"public", "order_lines"}, {{"id", "bigint"}, {"order_id", "bigint"}}));
  catalog.add(table(3, {"public", "codes"}, {{"code", "text"}, {"title", "text"}}));
  catalog.add(table(4, {"public", "staff"}, {{"id", "bigint"}, {"email", "text"}}));
  Survey survey;
  survey.foreign_keys = {{{"public", "order_lines"}, "fk", {"order_id"}, {"public", "orders"}, {"id"}},
                         {{"public", "orders"}, "fk2", {"id"}, {"public", "codes"}, {"code"}},
                         {{"public", "orders"}, "fk3", {"id"}, {"public", "staff"}, {"id"}}};
  const auto policy = load_policy(fitting_policy(catalog, survey), "f").policy;
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->tables.size(), 2u);
  EXPECT_EQ(policy->tables.at({"public", "codes"}).kind, TableKind::shared_read);
}

struct PhiCase {
  const char* column;
  const char* type;
  const char* comment;
  const char* kind;  // empty: not PHI
  friend void PrintTo(const PhiCase& one, std::ostream* out) { *out << one.column; }
};
class GuessPhiTest : public testing::TestWithParam<PhiCase> {};

TEST_P(GuessPhiTest, GoesByNameCommentAndType) {
  Column column;
  column.name = GetParam().column;
  column.type = GetParam().type;
  const auto guess = guess_phi(column, GetParam().comment);
  EXPECT_EQ(guess ? guess->kind : "", GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    , GuessPhiTest,
    testing::Values(PhiCase{"ssn", "text", "", "ssn"}, PhiCase{"FamilyName", "text", "", "name"},
                    PhiCase{"Date Of Birth", "date", "", "date"}, PhiCase{"home_phone", "text", "", "phone"},
                    PhiCase{"is_deceased", "boolean", "", ""}, PhiCase{"status", "text", "", ""},
                    PhiCase{"icd_code", "text", "", "clinical"}, PhiCase{"blob", "bytea", "", "free_text"},
                    PhiCase{"x1", "integer", "PHI: insurer's number", "phi"},
                    PhiCase{"x1", "integer", "number of the cash register", ""},
                    PhiCase{"payload", "jsonb", "", "free_text"},
                    PhiCase{"taken_at", "timestamp with time zone", "", "date"},
                    PhiCase{"created_at", "timestamp with time zone", "", ""},
                    PhiCase{"id", "bigint", "", ""}));

TEST(RowSecuritySqlTest, WritesOneLineATenantColumnAndQuotesEverything) {
  const auto policy = load_policy(R"(version: 1
tenant: [{claim: it's, setting: app.tenant_id, type: uuid}, {claim: no, setting: app.no, type: int2}]
tables:
  "\"Front'Desk\".\"Check-In\"": {tenant: Clinic Id}
  labs: {tenant: {column: tenant_no, attribute: no}}
  codes: {shared: read}
roles: {r: {may: all}}
)",
                                  "f")
                          .policy;
  ASSERT_TRUE(policy);
  const std::string sql = row_security_sql(*policy, "evil\nDROP TABLE x; --");
  EXPECT_THAT(
      sql, HasSubstr("pgward_protect('\"Front''Desk\".\"Check-In\"', 'it''s', 'Clinic Id',\n"
                     "  '\"Clinic Id\" = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid');"));
  EXPECT_THAT(sql, HasSubstr("'tenant_no = NULLIF(current_setting(''app.no'', true), '''')::smallint');"));
  EXPECT_THAT(sql, Not(HasSubstr("\nDROP TABLE x")));
  EXPECT_THAT(sql, Not(HasSubstr("codes")));
}

}  // namespace
}  // namespace pgward::policy
