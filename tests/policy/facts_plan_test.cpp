// What a plan says about its statement: what is touched, what caused it, what must be checked later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.h"

namespace pgward::policy {
namespace {

using testing::ElementsAre;

std::string text_of(const Touch& touch) {
  std::string out = std::string(1, touch.action) + " " + touch.relation.text() + ":";
  if (touch.all_columns) out += " *";
  for (const std::string& column : touch.columns) out += " " + column;
  if (!touch.phi_columns.empty()) out += " |";
  for (const std::string& column : touch.phi_columns) out += " " + column;
  return out;
}

std::vector<std::string> touches_of(std::string_view sql) {
  const Plan plan = fixture::plan_for(sql);
  EXPECT_FALSE(plan.refusal.has_value()) << sql;
  std::vector<std::string> out;
  for (const StatementFacts& facts : plan.statements)
    for (const Touch& touch : facts.touches) out.push_back(text_of(touch));
  return out;
}

TEST(PlanFactsTest, ChangesOfTheSchemaAreRecordedBeforeTheyRun) {
  const Plan plan = fixture::plan_for("ALTER TABLE wards DROP COLUMN beds; DROP TABLE vitals", QueryProtocol::simple, "migrator");
  ASSERT_EQ(plan.statements.size(), 2u);
  for (const StatementFacts& facts : plan.statements) {
    EXPECT_EQ(facts.kind, StatementKind::ddl);
    EXPECT_TRUE(facts.touches_phi && facts.writes && !facts.reads_only);
  }
  EXPECT_EQ(text_of(plan.statements[0].touches.at(0)), "U public.wards: *");
  EXPECT_EQ(text_of(plan.statements[1].touches.at(0)), "D .vitals: *");
}

struct TouchCase {
  const char* sql;
  std::vector<std::string> touches;
};

TEST(PlanFactsTest, NamesWhatIsTouched) {
  const TouchCase cases[] = {
      {"SELECT 1", {}},
      {"SELECT name FROM ref_drugs", {}},
      {"SELECT mrn, beds FROM patients, wards", {"R public.patients: mrn | mrn", "R public.wards: beds"}},
      {"SELECT p.ssn FROM patients p WHERE p.sex = 'F'", {"R public.patients: sex ssn | ssn"}},
      {"SELECT * FROM encounters", {"R public.encounters: * | reason"}},
      {"SELECT count(*) FROM patients", {"R public.patients:"}},
      {"SELECT to_jsonb(p) FROM patients p", {"R public.patients: * | dob family_name given_name mrn ssn"}},
      {"SELECT p.f_full_name FROM patients p", {"R public.patients: * | dob family_name given_name mrn ssn"}},
      {"SELECT p.ctid FROM patients p", {"R public.patients:"}},
      {"SELECT x.b FROM encounters x(a, b)", {"R public.encounters: * | reason"}},
      {"SELECT j.dob FROM (patients p CROSS JOIN wards w) j",
       {"R public.patients: * | dob family_name given_name mrn ssn", "R public.wards: *"}},
      {"SELECT 1 FROM patients NATURAL JOIN wards",
       {"R public.patients: * | dob family_name given_name mrn ssn", "R public.wards: *"}},
      {"SELECT 1 FROM patients p WHERE EXISTS (SELECT 1 FROM wards WHERE name = ssn)",
       {"R public.patients: ssn | ssn", "R public.wards: name"}},
      {"SELECT description FROM diagnoses", {"R public.diagnoses: description | description"}},
      {"UPDATE patients SET ssn = NULL WHERE mrn = 'x'",
       {"R public.patients: mrn | mrn", "U public.patients: ssn | ssn"}},
      {"DELETE FROM wards", {"D public.wards:"}},
      {"INSERT INTO wards (ward_id, name, beds) VALUES (1, 'x', 1)", {"C public.wards: beds name ward_id"}},
      {"INSERT INTO wards SELECT * FROM wards", {"C public.wards: *", "R public.wards: *"}},
      {"WITH x AS (SELECT mrn FROM patients) SELECT * FROM x", {"R public.patients: mrn | mrn"}},
      {"COPY patients TO STDOUT",
       {"R public.patients: address balance clinic_id created_at dob email family_name given_name mrn patient_id "
        "phone photo preferences primary_provider_id sex ssn tags updated_at | dob family_name given_name mrn ssn"}},
      {"COPY patients (ssn) TO STDOUT", {"R public.patients: ssn | ssn"}},
      {"COPY patients (patients) TO STDOUT", {"R public.patients: * | dob family_name given_name mrn ssn"}},
      {"COPY (SELECT ssn FROM patients) TO STDOUT", {"R public.patients: ssn | ssn"}},
      {"COPY ref_drugs TO STDOUT", {}},
      {"LOCK patients IN SHARE MODE", {}},
      {"MERGE INTO wards w USING patients p ON w.name = p.mrn WHEN MATCHED AND w.beds = 1 THEN DELETE WHEN MATCHED "
       "THEN UPDATE SET name = p.ssn WHEN NOT MATCHED THEN INSERT (ward_id, name) VALUES (1, p.family_name)",
       {"R public.patients: family_name mrn ssn | family_name mrn ssn", "C public.wards: name ward_id",
        "D public.wards:", "R public.wards: beds name", "U public.wards: name"}},
      {"MERGE INTO patients USING (SELECT 1) s(i) ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
       {"C public.patients: * | dob family_name given_name mrn ssn"}},
      {"SELECT family_name FROM patients; DELETE FROM messages",
       {"R public.patients: family_name | family_name", "D public.messages:"}},
  };
  for (const TouchCase& each : cases) EXPECT_EQ(touches_of(each.sql), each.touches) << each.sql;
}

struct FlagCase {
  const char* sql;
  StatementKind kind;
  bool touches_phi;
  bool writes;
};

TEST(PlanFactsTest, TellsWhatMustBeRecordedFirst) {
  const FlagCase cases[] = {
      {"SELECT 1", StatementKind::select, false, false},
      {"SELECT count(*) FROM patients", StatementKind::select, true, false},
      {"SELECT beds FROM wards", StatementKind::select, false, false},
      {"UPDATE wards SET beds = 1", StatementKind::update, true, true},
      {"DELETE FROM wards", StatementKind::delete_, true, true},
      {"MERGE INTO wards USING (SELECT 1) s(i) ON true WHEN MATCHED THEN DELETE", StatementKind::merge, true, true},
      {"COPY patients TO STDOUT", StatementKind::copy, true, false},
      {"COPY (DELETE FROM wards RETURNING 1) TO STDOUT", StatementKind::copy, true, true},
      {"COPY ref_drugs TO STDOUT", StatementKind::copy, false, false},
      {"LOCK patients IN SHARE MODE", StatementKind::lock, false, false},
      {"WITH d AS (DELETE FROM wards RETURNING 1) SELECT * FROM d", StatementKind::select, true, true},
      {"VALUES (1)", StatementKind::values, false, false},
      {"BEGIN", StatementKind::begin, false, false},
      {"", StatementKind::empty, false, false},
      {"DISCARD ALL", StatementKind::discard_all, false, false},
  };
  for (const FlagCase& each : cases) {
    const Plan plan = fixture::plan_for(each.sql);
    ASSERT_EQ(plan.statements.size(), 1u) << each.sql;
    EXPECT_EQ(plan.statements[0].kind, each.kind) << each.sql;
    EXPECT_EQ(plan.statements[0].touches_phi, each.touches_phi) << each.sql;
    EXPECT_EQ(plan.statements[0].writes, each.writes) << each.sql;
  }
}

struct ReadsOnlyCase {
  const char* sql;
  bool reads_only;
};

TEST(PlanFactsTest, TellsWhatCanChangeNothing) {
  const ReadsOnlyCase cases[] = {
      {"SELECT family_name FROM patients WHERE id = 1", true},
      {"SELECT count(*), random() FROM patients FOR UPDATE", true},
      {"VALUES ((SELECT count(*) FROM patients))", true},
      {"COPY patients TO STDOUT", true},
      {"SELECT f_age_years(birth_date) FROM patients", false},  // code of the database's own
      {"WITH d AS (DELETE FROM wards RETURNING 1) SELECT * FROM d", false},
      {"COPY (DELETE FROM wards RETURNING 1) TO STDOUT", false},
      {"UPDATE wards SET beds = 1", false},
      {"LOCK patients IN SHARE MODE", false},
      {"SET work_mem = '1MB'", false},
  };
  for (const ReadsOnlyCase& each : cases) {
    const Plan plan = fixture::plan_for(each.sql);
    ASSERT_EQ(plan.statements.size(), 1u) << each.sql;
    EXPECT_EQ(plan.statements[0].reads_only, each.reads_only) << each.sql;
  }
  // A function of the database's own masks the column.
  for (const char* sql : {"SELECT mrn FROM patients", "COPY patients (mrn) TO STDOUT"}) {
    const Plan masked = fixture::plan_for(sql, QueryProtocol::simple, "desk");
    ASSERT_EQ(masked.statements.size(), 1u) << sql;
    EXPECT_FALSE(masked.statements[0].reads_only) << sql;
  }
  EXPECT_TRUE(fixture::plan_for("SELECT ssn FROM patients", QueryProtocol::simple, "desk").statements.at(0).reads_only);
  const Plan both = fixture::plan_for("SELECT f_age_years(birth_date) FROM patients; SELECT id FROM patients");
  ASSERT_EQ(both.statements.size(), 2u);
  EXPECT_FALSE(both.statements[0].reads_only);
  EXPECT_TRUE(both.statements[1].reads_only);
}

TEST(PlanFactsTest, SessionStatementsSayWhatTheyChange) {
  EXPECT_TRUE(fixture::plan_for("SET search_path = billing").statements[0].changes_search_path);
  EXPECT_TRUE(fixture::plan_for("RESET ALL").statements[0].changes_search_path);
  EXPECT_TRUE(fixture::plan_for("DISCARD ALL").statements[0].changes_search_path);
  EXPECT_FALSE(fixture::plan_for("SET work_mem = '1MB'").statements[0].changes_search_path);
  EXPECT_EQ(fixture::plan_for("DEALLOCATE \"S 1\"").statements[0].deallocates, "S 1");
  EXPECT_EQ(fixture::plan_for("DEALLOCATE ALL").statements[0].kind, StatementKind::deallocate_all);
}

TEST(PlanFactsTest, CopyInSaysHowItsDataAreChecked) {
  const Plan plan = fixture::plan_for(
      "COPY wards (beds, clinic_id) FROM STDIN (DELIMITER '|', HEADER, FORMAT csv, ESCAPE '\\', NULL '-')");
  ASSERT_EQ(plan.statements.size(), 1u);
  EXPECT_TRUE(plan.statements[0].writes);
  EXPECT_TRUE(plan.statements[0].touches_phi);
  EXPECT_FALSE(plan.statements[0].reads_only);
  ASSERT_NE(plan.statements[0].copy_in, nullptr);
  const CopyIn& copy = *plan.statements[0].copy_in;
  EXPECT_EQ(copy.relation.text(), "public.wards");
  EXPECT_EQ(copy.format, CopyFormat::csv);
  EXPECT_EQ(copy.delimiter, '|');
  EXPECT_EQ(copy.quote, '"');
  EXPECT_EQ(copy.escape, '\\');
  EXPECT_EQ(copy.null_marker, "-");
  EXPECT_TRUE(copy.header);
  EXPECT_EQ(copy.fields, 2u);
  ASSERT_EQ(copy.tenant.size(), 1u);
  EXPECT_EQ(copy.tenant[0].field, 1u);
  EXPECT_EQ(copy.tenant[0].attribute, "tenant_id");
  EXPECT_EQ(copy.tenant[0].type, TenantType::uuid);
  EXPECT_EQ(plan.statements[0].enforcements.at(0).how, Enforcement::How::copied_rows);
}

TEST(PlanFactsTest, EnforcementsNameThePolicyLine) {
  const Plan plan = fixture::plan_for("SELECT 1 FROM ref_cpt r LEFT JOIN patients p ON true");
  ASSERT_EQ(plan.statements[0].enforcements.size(), 1u);
  const Enforcement& it = plan.statements[0].enforcements[0];
  EXPECT_EQ(it.relation.text(), "public.patients");
  EXPECT_EQ(it.reference, "p");
  EXPECT_EQ(it.column, "clinic_id");
  EXPECT_EQ(it.attribute, "tenant_id");
  EXPECT_EQ(it.how, Enforcement::How::on);
  EXPECT_EQ(it.place.file, "ehr_policy.yaml");
  EXPECT_GT(it.place.line, 0);
}

TEST(PlanFactsTest, OnePlanServesEveryTenant) {
  const std::string_view sql = "SELECT mrn FROM patients";
  const Plan plan = fixture::plan_for(sql);
  const auto other = std::get<TenantValues>(
      tenant_values(fixture::ehr_policy(), {{"tenant_id", "b1b1b1b1-0000-4000-8000-00000000000b"},
                                            {"tenant_no", "202"},
                                            {"org_code", "ORG-B'; DROP"}}));
  EXPECT_NE(render(plan, sql, fixture::ehr_policy(), fixture::clinic_a()).sql,
            render(plan, sql, fixture::ehr_policy(), other).sql);
  const std::string_view claims = "SELECT 1 FROM billing.claims";
  EXPECT_EQ(render(fixture::plan_for(claims), claims, fixture::ehr_policy(), other).sql,
            "SELECT 1 FROM billing.claims WHERE billing.claims.org_code OPERATOR(pg_catalog.=) 'ORG-B''; "
            "DROP'::pg_catalog.text");
}

TEST(PlanFactsTest, APlanDoesNotFitAnotherText) {
  const Plan plan = fixture::plan_for("SELECT mrn FROM patients WHERE true");
  EXPECT_EQ(render(plan, "SELECT 1", fixture::ehr_policy(), fixture::clinic_a()).refusal, Refusal::unproven);
}

TEST(PlanRolesTest, EachClassOfStatementNeedsItsRight) {
  for (const char* sql :
       {"INSERT INTO wards VALUES (1)", "UPDATE wards SET beds = 1", "DELETE FROM wards",
        "WITH d AS (DELETE FROM wards RETURNING 1) SELECT 1", "SELECT 1; DELETE FROM wards"})
    EXPECT_EQ(fixture::plan_for(sql, QueryProtocol::simple, "reader").refusal, Refusal::statement_not_allowed)
        << sql;
  EXPECT_FALSE(fixture::plan_for("SELECT mrn FROM patients", QueryProtocol::simple, "reader").refusal);
}

TEST(PlanRolesTest, ARoleThatMayAllStillGetsItsPredicates) {
  EXPECT_EQ(fixture::plan_for("SELECT mrn FROM patients", QueryProtocol::simple, "open").edits.size(), 2u);
  EXPECT_EQ(fixture::plan_for("DROP TABLE patients", QueryProtocol::simple, "open").refusal,
            Refusal::statement_not_allowed);
}

TEST(PlanRolesTest, APolicyWithoutTablesPassesEverything) {
  Policy nothing;
  nothing.unlisted = Unlisted::allow;
  nothing.roles["any"] = Role{"any", {StatementClass::all}, {}};
  ASSERT_TRUE(nothing.passes_everything());
  const Plan plan = policy::plan({"whatever !! it is", QueryProtocol::simple, nothing.roles["any"], nullptr},
                                 nothing, Catalog{});
  EXPECT_FALSE(plan.refusal);
  EXPECT_TRUE(plan.edits.empty());
}

}  // namespace
}  // namespace pgward::policy
