// Needs a server, as catalog_reader_test does: the fingerprint changes with everything that is read, and with
// nothing else; the survey reads what it should and no value of a row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ostream>

#include "proxy/upstream/catalog_reader.h"
#include "proxy/upstream/connect.h"
#include "proxy/upstream/survey_reader.h"

namespace pgward::proxy {
namespace {

using policy::RelationName;
using testing::Contains;
using testing::ElementsAre;

constexpr auto kSetup = R"(
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS pgward_fresh CASCADE; DROP ROLE IF EXISTS pgward_fresh_role;
CREATE SCHEMA pgward_fresh;
CREATE TABLE pgward_fresh.clinics (id uuid PRIMARY KEY, name text);
CREATE TABLE pgward_fresh.patients (id bigint PRIMARY KEY, clinic uuid REFERENCES pgward_fresh.clinics, ssn text);
CREATE UNIQUE INDEX patients_lower ON pgward_fresh.patients (lower(ssn), clinic) WHERE ssn IS NOT NULL;
COMMENT ON COLUMN pgward_fresh.patients.ssn IS 'PHI';
CREATE VIEW pgward_fresh.seen AS SELECT * FROM pgward_fresh.patients;
CREATE VIEW pgward_fresh.above AS SELECT s.id FROM pgward_fresh.seen s JOIN pgward_fresh.clinics c ON c.id = s.clinic;
CREATE FUNCTION pgward_fresh.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON pgward_fresh.patients TO PUBLIC;
INSERT INTO pgward_fresh.patients SELECT n, NULL, 'value-' || n % 4 FROM generate_series(1, 400) n;
ANALYZE pgward_fresh.patients;)";

class CatalogFreshnessTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* conninfo = std::getenv("PGWARD_TEST_UPSTREAM");
    if (conninfo == nullptr) GTEST_SKIP() << "PGWARD_TEST_UPSTREAM is not set";
    conninfo_ = conninfo;
    admin_ = std::get<Connection>(connect_by_conninfo(conninfo_));
    run(kSetup);
  }
  void TearDown() override {
    if (admin_) run("DROP SCHEMA pgward_fresh CASCADE; DROP ROLE IF EXISTS pgward_fresh_role");
  }
  void run(const char* sql) {
    PGresult* result = PQexec(admin_.get(), sql);
    EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK) << PQresultErrorMessage(result);
    PQclear(result);
  }
  policy::Catalog read() { return std::get<policy::Catalog>(read_catalog(admin_.get())); }
  bool unchanged(const policy::Catalog& known) { return std::get<bool>(catalog_unchanged(admin_.get(), known)); }
  Connection fresh() { return std::get<Connection>(connect_by_conninfo(conninfo_)); }

  std::string conninfo_;
  Connection admin_;
};

TEST_F(CatalogFreshnessTest, EveryChangeShows) {
  for (const char* change :
       {"CREATE TABLE pgward_fresh.more (id int)", "ALTER TABLE pgward_fresh.patients ADD COLUMN x int",
        "ALTER TABLE pgward_fresh.patients RENAME COLUMN x TO y", "ALTER TABLE pgward_fresh.clinics ALTER name SET NOT NULL",
        "ALTER TABLE pgward_fresh.patients ALTER id SET DEFAULT 7", "ALTER TABLE pgward_fresh.patients ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY p ON pgward_fresh.patients USING (true)", "ALTER POLICY p ON pgward_fresh.patients USING (false)",
        "CREATE OR REPLACE VIEW pgward_fresh.seen AS SELECT id, clinic, upper(ssn) AS ssn FROM pgward_fresh.patients",
        "ALTER VIEW pgward_fresh.seen SET (security_barrier)", "ALTER FUNCTION pgward_fresh.f() SECURITY DEFINER",
        "REVOKE EXECUTE ON FUNCTION pgward_fresh.f() FROM PUBLIC", "CREATE TABLE pgward_fresh.child () INHERITS (pgward_fresh.more)",
        "ALTER TABLE pgward_fresh.child NO INHERIT pgward_fresh.more", "CREATE TYPE pgward_fresh.mood AS ENUM ('a')",
        "CREATE INDEX ON pgward_fresh.more (id)", "CREATE ROLE pgward_fresh_role BYPASSRLS", "ALTER ROLE pgward_fresh_role NOBYPASSRLS",
        "GRANT pg_monitor TO pgward_fresh_role", "ALTER SCHEMA pgward_fresh RENAME TO pgward_fresh2",
        "ALTER SCHEMA pgward_fresh2 RENAME TO pgward_fresh", "DROP TABLE pgward_fresh.child",
        "BEGIN; ALTER TABLE pgward_fresh.more ADD COLUMN z int; ALTER TABLE pgward_fresh.more DROP COLUMN z; COMMIT"}) {
    const policy::Catalog before = read();
    run(change);
    EXPECT_FALSE(unchanged(before)) << change;
  }
}

TEST_F(CatalogFreshnessTest, WorkOnRowsDoesNot) {
  const policy::Catalog before = read();
  run("UPDATE pgward_fresh.patients SET ssn = ssn || 'x'; ANALYZE pgward_fresh.patients");
  run("VACUUM pgward_fresh.patients");
  run("BEGIN; CREATE TABLE pgward_fresh.undone (id int); ROLLBACK");
  EXPECT_TRUE(unchanged(before));
  EXPECT_FALSE(unchanged(policy::Catalog()));
}

TEST_F(CatalogFreshnessTest, ReadsWhatViewsReadAndWhoMayCall) {
  const policy::Catalog catalog = read();
  std::vector<std::string> names;
  for (const auto* table : catalog.base_tables(*catalog.find({"pgward_fresh", "above"}))) names.push_back(table->name.name);
  EXPECT_THAT(names, ElementsAre("clinics", "patients"));
  EXPECT_TRUE(catalog.functions.find("f")->second.executable);
  EXPECT_EQ(catalog.functions.find("f")->second.owner, catalog.upstream_user);
}

TEST_F(CatalogFreshnessTest, SurveysKeysCountsAndPrivileges) {
  const auto survey = std::get<policy::Survey>(read_survey(admin_.get(), SurveyDepth::columns));
  const RelationName patients{"pgward_fresh", "patients"};
  EXPECT_EQ(survey.database, PQdb(admin_.get()));
  EXPECT_TRUE(survey.settings.contains("log_statement"));
  EXPECT_TRUE(survey.extensions.contains("plpgsql"));
  ASSERT_NE(survey.table(patients), nullptr);
  EXPECT_THAT(survey.table(patients)->privileges.of_public, ElementsAre("SELECT"));
  EXPECT_EQ(survey.table(patients)->columns.at("ssn").comment, "PHI");
  EXPECT_EQ(survey.table(patients)->columns.at("ssn").distinct, 4);
  EXPECT_EQ(survey.table(patients)->rows, 400);
  bool found = false;
  for (const auto& index : survey.indexes) {
    if (index.name != "patients_lower") continue;
    found = true;
    EXPECT_THAT(index.columns, ElementsAre("", "clinic"));
    EXPECT_TRUE(index.unique && index.partial && !index.primary);
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(survey.indexed(patients, "id"));
  EXPECT_FALSE(survey.indexed(patients, "clinic"));
  const auto key = std::find_if(survey.foreign_keys.begin(), survey.foreign_keys.end(),
                                [&](const auto& one) { return one.table == patients; });
  ASSERT_NE(key, survey.foreign_keys.end());
  EXPECT_EQ(key->references, (RelationName{"pgward_fresh", "clinics"}));
  EXPECT_THAT(key->columns, ElementsAre("clinic"));
}

}  // namespace
}  // namespace pgward::proxy
