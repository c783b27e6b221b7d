// Needs a server: PGWARD_TEST_UPSTREAM is a conninfo of a user who may create schemas. Skipped without.
#include "proxy/upstream/catalog_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

namespace pgward::proxy {
namespace {

using policy::Catalog;
using policy::Relation;
using policy::RelationKind;

constexpr auto kSetup = R"(
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS pgward_reader CASCADE;
CREATE SCHEMA pgward_reader;
SET search_path = pgward_reader;
CREATE TYPE urgency AS ENUM ('low', 'high');
CREATE TABLE "Check-In" ("Clinic Id" uuid NOT NULL DEFAULT current_setting('app.tenant_id')::uuid, gone int, level urgency,
  no bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT check_in_key PRIMARY KEY, twice bigint GENERATED ALWAYS AS (2) STORED);
ALTER TABLE "Check-In" DROP COLUMN gone, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY isolation ON "Check-In" USING ("Clinic Id" = current_setting('app.tenant_id')::uuid) WITH CHECK (false);
CREATE POLICY live ON "Check-In" AS RESTRICTIVE FOR DELETE TO PUBLIC USING (level = 'low');
CREATE POLICY others ON "Check-In" TO pg_monitor USING (true);
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE VIEW seen WITH (security_barrier) AS SELECT "Clinic Id", level FROM "Check-In";
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM "Check-In" WITH NO DATA;
CREATE FUNCTION age(day date) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';
CREATE OPERATOR =@= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
CREATE TEMP TABLE hidden (x int);
RESET search_path;)";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

class CatalogReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* conninfo = std::getenv("PGWARD_TEST_UPSTREAM");
    if (conninfo == nullptr) GTEST_SKIP() << "PGWARD_TEST_UPSTREAM is not set";
    connection_.reset(PQconnectdb(conninfo));
    ASSERT_EQ(run(kSetup), "");
    auto read = read_catalog(connection_.get());
    ASSERT_TRUE(std::holds_alternative<Catalog>(read)) << std::get<std::string>(read);
    catalog_ = std::move(std::get<Catalog>(read));
  }
  void TearDown() override {
    if (connection_) run("DROP SCHEMA pgward_reader CASCADE");
  }

  std::string run(const char* sql) {
    PGresult* result = PQexec(connection_.get(), sql);
    std::string error = PQresultErrorMessage(result);
    // A notice of DROP .. IF EXISTS is no error.
    if (PQresultStatus(result) == PGRES_COMMAND_OK) error.clear();
    PQclear(result);
    return error;
  }
  const Relation& relation(const char* name) const { return catalog_.relations.at({"pgward_reader", name}); }

  Connection connection_;
  Catalog catalog_;
};

TEST_F(CatalogReaderTest, ReadsTheFacts) {
  EXPECT_EQ(catalog_.database, PQdb(connection_.get()));
  EXPECT_EQ(catalog_.upstream_user, PQuser(connection_.get()));
  EXPECT_EQ(catalog_.server_version_num, PQserverVersion(connection_.get()));
  EXPECT_EQ(catalog_.upstream_bypasses_rls, catalog_.bypassing_roles.contains(PQuser(connection_.get())));
  EXPECT_THAT(catalog_.default_search_path, testing::Contains("public"));
  EXPECT_GT(catalog_.functions.size(), 3000u);
  EXPECT_NE(catalog_.find({"pg_catalog", "pg_class"}), nullptr);
  EXPECT_NE(catalog_.find({"information_schema", "tables"}), nullptr);
}

TEST_F(CatalogReaderTest, ReadsATable) {
  const Relation& table = relation("Check-In");
  EXPECT_EQ(table.kind, RelationKind::table);
  EXPECT_EQ(table.owner, PQuser(connection_.get()));
  EXPECT_TRUE(table.row_security && table.force_row_security);
  ASSERT_EQ(table.columns.size(), 4u);
  EXPECT_EQ(table.columns[0].name, "Clinic Id");
  EXPECT_EQ(table.columns[0].type, "uuid");
  EXPECT_TRUE(table.columns[0].not_null);
  EXPECT_EQ(table.columns[0].default_expr, "(current_setting('app.tenant_id'::text))::uuid");
  EXPECT_EQ(table.columns[1].type, "pgward_reader.urgency");
  EXPECT_EQ(table.columns[1].number, 3);
  EXPECT_FALSE(table.columns[2].generated);
  EXPECT_TRUE(table.columns[3].generated);
}

TEST_F(CatalogReaderTest, ReadsThePoliciesThatHoldForThisUser) {
  const auto& policies = relation("Check-In").row_policies;
  ASSERT_GE(policies.size(), 2u);
  EXPECT_EQ(policies[0].name, "isolation");
  EXPECT_TRUE(policies[0].permissive);
  EXPECT_EQ(policies[0].command, '*');
  EXPECT_EQ(policies[0].using_expr, "(\"Clinic Id\" = (current_setting('app.tenant_id'::text))::uuid)");
  EXPECT_EQ(policies[0].check_expr, "false");
  EXPECT_EQ(policies[1].name, "live");
  EXPECT_FALSE(policies[1].permissive);
  EXPECT_EQ(policies[1].command, 'd');
}

TEST_F(CatalogReaderTest, ReadsOtherRelations) {
  EXPECT_EQ(relation("parted").kind, RelationKind::partitioned_table);
  EXPECT_EQ(relation("parted_old").parents, std::vector<policy::Oid>{relation("parted").oid});
  EXPECT_EQ(relation("seen").kind, RelationKind::view);
  EXPECT_FALSE(relation("seen").security_invoker);
  EXPECT_THAT(relation("seen").view_definition, testing::HasSubstr("FROM pgward_reader.\"Check-In\""));
  EXPECT_EQ(relation("counted").kind, RelationKind::materialized_view);
  EXPECT_EQ(relation("check_in_key").kind, RelationKind::index);
  EXPECT_EQ(catalog_.constraints.at("check_in_key"), "pgward_reader");
  for (const auto& [name, unused] : catalog_.relations) {
    EXPECT_NE(name.name, "hidden");
    EXPECT_FALSE(name.schema.starts_with("pg_toast")) << name.schema;
  }
}

TEST_F(CatalogReaderTest, ReadsFunctionsOperatorsAndTypes) {
  const auto [first, last] = catalog_.functions.equal_range("age");
  const auto ours =
      std::find_if(first, last, [](const auto& one) { return one.second.name.schema == "pgward_reader"; });
  ASSERT_NE(ours, last);
  EXPECT_EQ(ours->second.language, "sql");
  EXPECT_EQ(ours->second.volatility, policy::Volatility::stable);
  EXPECT_TRUE(ours->second.security_definer);
  EXPECT_EQ(ours->second.kind, 'f');
  EXPECT_EQ(catalog_.functions.find("set_config")->second.source, "set_config_by_name");
  EXPECT_EQ(catalog_.operators.find("=@=")->second.function, (policy::RelationName{"pg_catalog", "texteq"}));
  EXPECT_EQ(catalog_.types.find("urgency")->second, "pgward_reader");
}

TEST_F(CatalogReaderTest, LeavesTheConnectionAsItWasAndReadsTheSameAgain) {
  EXPECT_EQ(PQtransactionStatus(connection_.get()), PQTRANS_IDLE);
  PGresult* path = PQexec(connection_.get(), "SHOW search_path");
  EXPECT_STREQ(PQgetvalue(path, 0, 0), "\"$user\", public");
  PQclear(path);
  EXPECT_TRUE(policy::same_content(catalog_, std::get<Catalog>(read_catalog(connection_.get()))));
}

TEST_F(CatalogReaderTest, RefusesAConnectionInATransaction) {
  ASSERT_EQ(run("BEGIN"), "");
  EXPECT_EQ(std::get<std::string>(read_catalog(connection_.get())),
            "reading the catalog: the connection is not idle");
  run("ROLLBACK");
}

TEST(CatalogReaderConnectTest, ErrorsHoldNoSecret) {
  for (const char* conninfo : {"host=/nonexistent password=pw7secret dbname=x", "host=/nonexistent pw7secret",
                               "postgresql://u:pw7secret@[/x"}) {
    const auto read = read_catalog(conninfo);
    ASSERT_TRUE(std::holds_alternative<std::string>(read));
    EXPECT_EQ(std::get<std::string>(read).find("pw7secret"), std::string::npos)
        << std::get<std::string>(read);
    EXPECT_FALSE(std::get<std::string>(read).empty());
  }
}

}  // namespace
}  // namespace pgward::proxy
