// What policy and database say differently, and what is said of it.
#include "policy/against_catalog.h"

#include <gtest/gtest.h>

#include "policy/against_parts.h"
#include "spoiled.h"

namespace pgward::policy {
namespace {

using namespace spoiled;

class AgainstCatalogTest : public SpoiledTest {};
TEST_P(AgainstCatalogTest, SaysWhatDiffersAndWhatToDo) { check(); }

void rename(Catalog& catalog, const RelationName& from, const RelationName& to) {
  auto node = catalog.relations.extract(from);
  node.key() = to;
  node.mapped().name = to;
  catalog.relation_by_oid[node.mapped().oid] = to;
  catalog.relations.insert(std::move(node));
}

INSTANTIATE_TEST_SUITE_P(
    Names, AgainstCatalogTest,
    testing::Values(
        SpoiledCase{"nothing", [](Policy&, Catalog&) {}, ""},
        SpoiledCase{"empty_database", [](Policy&, Catalog& catalog) { catalog = {}; },
                    "f:6:3: the database has no table or view public.patients\n"
                    "f:7:3: the database has no table or view billing.claims\n"
                    "f:8:3: the database has no table or view public.v_patients\n"
                    "f:9:3: the database has no table or view public.codes\n"
                    "f:10:21: the database has no function public.f_age\n"},
        SpoiledCase{"mistyped",
                    [](Policy&, Catalog& catalog) {
                      rename(catalog, {"public", "codes"}, {"public", "cods"});
                    },
                    "f:9:3: the database has no table or view public.codes; did you mean 'public.cods'?\n"},
        SpoiledCase{
            "other_schema",
            [](Policy&, Catalog& catalog) {
              rename(catalog, {"public", "codes"}, {"reference", "codes"});
            },
            "f:9:3: the database has no table or view public.codes; did you mean 'reference.codes'?\n"},
        SpoiledCase{
            "other_case",
            [](Policy&, Catalog& catalog) {
              rename(catalog, {"public", "codes"}, {"public", "Codes"});
            },
            "f:9:3: the database has no table or view public.codes; did you mean 'public.\"Codes\"'?\n"},
        SpoiledCase{"server_tables_are_not_offered",
                    [](Policy&, Catalog& catalog) {
                      rename(catalog, {"public", "codes"}, {"pg_catalog", "codes"});
                    },
                    "f:9:3: the database has no table or view public.codes\n"},
        SpoiledCase{"sequence",
                    [](Policy&, Catalog& catalog) {
                      catalog.relations.at({"public", "codes"}).kind = RelationKind::sequence;
                    },
                    "f:9:3: public.codes is no table and no view; take it out of the policy\n"},
        SpoiledCase{"columns",
                    [](Policy&, Catalog& catalog) {
                      for (Column& one : patients(catalog).columns) one.name += "x";
                    },
                    "f:6:3: public.patients has no column 'id'; did you mean 'idx'?\n"
                    "f:6:3: public.patients has no column 'ssn'; did you mean 'ssnx'?\n"
                    "f:6:22: public.patients has no column 'clinic_id'; did you mean 'clinic_idx'?\n"},
        SpoiledCase{"type", [](Policy&, Catalog& catalog) { patients(catalog).columns[1].type = "text"; },
                    "f:6:22: tenant column public.patients.clinic_id is of type text, but attribute "
                    "'tenant_id' is of type uuid; "
                    "write the column's type as 'type' of the attribute, or name another attribute\n"},
        SpoiledCase{"nullable",
                    [](Policy&, Catalog& catalog) { patients(catalog).columns[1].not_null = false; },
                    "f:6:22: warning: tenant column public.patients.clinic_id may be NULL: such rows belong "
                    "to nobody and nobody sees them; "
                    "ALTER TABLE public.patients ALTER COLUMN clinic_id SET NOT NULL\n"},
        SpoiledCase{
            "definer",
            [](Policy&, Catalog& catalog) {
              catalog.functions.find("f_age")->second.security_definer = true;
            },
            "f:10:21: warning: function public.f_age runs with the rights of its owner (SECURITY DEFINER): "
            "make sure that it reads only the caller's rows\n"}),
    kName);

void rule(Policy& policy, const RelationName& table, const std::string& column, Mask mask) {
  ColumnRule& made = policy.roles.at("clinician").columns[table][column];
  made.mask = mask;
  made.function = {"public", "f_age"};
  made.place = {"f", 12, 5};
}

INSTANTIATE_TEST_SUITE_P(
    ColumnRules, AgainstCatalogTest,
    testing::Values(
        SpoiledCase{"fits", [](Policy& policy, Catalog&) { rule(policy, {"public", "patients"}, "ssn", Mask::last4); }, ""},
        SpoiledCase{"unknown_table",
                    [](Policy& policy, Catalog&) { rule(policy, {"public", "patient"}, "ssn", Mask::null); },
                    "f:12:5: the database has no table or view public.patient\n"},
        SpoiledCase{"unknown_column",
                    [](Policy& policy, Catalog&) { rule(policy, {"public", "patients"}, "snn", Mask::null); },
                    "f:12:5: public.patients has no column 'snn'; did you mean 'ssn'?\n"},
        SpoiledCase{"type",
                    [](Policy& policy, Catalog& catalog) {
                      patients(catalog).columns[2].type = "date";
                      rule(policy, {"public", "patients"}, "ssn", Mask::last4);
                    },
                    "f:12:5: a column of type date cannot be masked so; last4 and hash are for text; use 'mask: null', "
                    "or 'mask: constant' with a 'value' of that type\n"},
        SpoiledCase{"tenant_column",
                    [](Policy& policy, Catalog&) { rule(policy, {"public", "patients"}, "clinic_id", Mask::null); },
                    "f:12:5: public.patients.clinic_id is the tenant column: every statement must be able to name "
                    "it; take the rule out; a session sees one value in it\n"},
        SpoiledCase{"open_function",
                    [](Policy& policy, Catalog&) { rule(policy, {"public", "patients"}, "ssn", Mask::hash); },
                    "f:12:5: warning: function public.f_age masks a column and may be called by everybody, who can "
                    "then try values; take it out of 'functions: allow'\n"}),
    kName);

Relation child(Oid oid, const char* name) {
  Relation made = relation(oid, {"public", name}, {column("clinic_id", "uuid")});
  made.parents = {oid == 11 ? 10u : 1u};
  return made;
}

INSTANTIATE_TEST_SUITE_P(
    AddedKeys, AgainstCatalogTest,
    testing::Values(SpoiledCase{"unreadable",
                                [](Policy& policy, Catalog& catalog) {
                                  TableRule& rule = policy.tables.at({"public", "patients"});
                                  rule.record = rule.subject = {"id"};
                                  rule.keys = KeyColumns::add;
                                  Relation& patients = catalog.relations.at({"public", "patients"});
                                  patients.columns.front().readable = false;
                                  patients.has_rules = true;
                                },
                                "f:6:3: warning: the upstream user may not read public.patients.id: the keys of this table are not added; "
                                "GRANT SELECT (id) ON public.patients TO pgward_app\n"
                                "f:6:3: warning: public.patients has rules, which say what RETURNING gives: the keys of what is changed are "
                                "not added; use triggers in place of rules\n"},
                    SpoiledCase{"not_asked_for",
                                [](Policy& policy, Catalog& catalog) {
                                  policy.tables.at({"public", "patients"}).record = {"id"};
                                  catalog.relations.at({"public", "patients"}).columns.front().readable = false;
                                },
                                ""}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Children, AgainstCatalogTest,
    testing::Values(SpoiledCase{"bare_and_nested",
                                [](Policy&, Catalog& catalog) {
                                  catalog.add(child(10, "patients_2024"));
                                  catalog.add(child(11, "patients_2024_01"));
                                  catalog.add(walled(child(12, "patients_2025"), "app.tenant_id"));
                                },
                                "f:6:3: warning: 2 partition(s) or children of public.patients have no "
                                "forced row-level security of their own, "
                                "the first is public.patients_2024; ENABLE and FORCE it there too (pgward "
                                "ddl writes the SQL), or revoke all privileges on them\n"},
                    SpoiledCase{"no_wall_expected",
                                [](Policy& policy, Catalog& catalog) {
                                  policy.mode = Mode::predicate;
                                  catalog.add(child(10, "patients_2024"));
                                },
                                ""},
                    SpoiledCase{"shared_child",
                                [](Policy&, Catalog& catalog) {
                                  catalog.relations.at({"public", "codes"}).parents = {1};
                                },
                                "f:9:3: public.codes is shared, but holds rows of public.patients, which "
                                "belongs to tenants; give it the same tenant column\n"},
                    SpoiledCase{"shared_parent",
                                [](Policy&, Catalog& catalog) { patients(catalog).parents = {4}; },
                                "f:9:3: public.codes is shared, but its child public.patients belongs to "
                                "tenants and is read with it; give both a tenant column\n"},
                    SpoiledCase{"circle_and_unknown_parent",
                                [](Policy&, Catalog& catalog) {
                                  patients(catalog).parents = {1, 2, 99};
                                },
                                ""}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Walls, AgainstCatalogTest,
    testing::Values(
        SpoiledCase{"bypassing_user", [](Policy&, Catalog& catalog) { catalog.upstream_bypasses_rls = true; },
                    "f:3:5: the upstream user pgward_app bypasses row-level security; "
                    "use one that is no superuser and has NOBYPASSRLS, or mode: predicate\n"},
        SpoiledCase{"none_needed",
                    [](Policy& policy, Catalog& catalog) {
                      policy.mode = Mode::predicate;
                      catalog.upstream_bypasses_rls = true;
                      patients(catalog).row_security = false;
                    },
                    ""},
        SpoiledCase{"off", [](Policy&, Catalog& catalog) { patients(catalog).row_security = false; },
                    "f:6:3: public.patients has no row-level security (or use mode: predicate); ALTER TABLE "
                    "public.patients ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY\n"},
        SpoiledCase{"not_forced",
                    [](Policy&, Catalog& catalog) { patients(catalog).force_row_security = false; },
                    "f:6:3: row-level security of public.patients does not hold for its owner; "
                    "ALTER TABLE public.patients FORCE ROW LEVEL SECURITY\n"},
        SpoiledCase{
            "no_policy", [](Policy&, Catalog& catalog) { patients(catalog).row_policies.clear(); },
            "f:6:3: no row-level security policy of public.patients lets the upstream user see a row; "
            "CREATE POLICY .. ON public.patients USING (.. current_setting(..)); pgward ddl writes it\n"},
        SpoiledCase{
            "other_setting",
            [](Policy&, Catalog& catalog) { patients(catalog).row_policies = {reading("app.tenant")}; },
            "f:6:3: row-level security of public.patients does not bind SELECT, INSERT, UPDATE, DELETE to "
            "app.tenant_id: "
            "policy isolation opens rows without reading it; put current_setting('app.tenant_id', true) into "
            "its USING "
            "and WITH CHECK (functions called there are not looked into)\n"},
        SpoiledCase{"open_beside_it",
                    [](Policy&, Catalog& catalog) {
                      patients(catalog).row_policies.push_back({"Open", true, 'r', "true", ""});
                    },
                    "f:6:3: row-level security of public.patients does not bind SELECT to app.tenant_id: "
                    "policy \"Open\" opens rows without reading it; put current_setting('app.tenant_id', "
                    "true) into its USING "
                    "and WITH CHECK (functions called there are not looked into)\n"},
        SpoiledCase{"open_to_a_role",
                    [](Policy& policy, Catalog& catalog) {
                      policy.roles["reporting"].bound = false;
                      policy.roles["reporting"].opens[{"public", "patients"}] = {{}, {"f", 40, 7}};
                      patients(catalog).row_policies.push_back(
                          {"r", true, 'r', "(current_setting('pgward.role'::text, true) = 'reporting'::text)", ""});
                    },
                    ""},
        SpoiledCase{"open_to_a_role_that_does_not_name_it",
                    [](Policy& policy, Catalog& catalog) {
                      policy.roles["reporting"].bound = false;
                      patients(catalog).row_policies.push_back(
                          {"r", true, 'r', "(current_setting('pgward.role'::text, true) = 'reporting'::text)", ""});
                    },
                    "f:6:3: row-level security of public.patients does not bind SELECT to app.tenant_id: "
                    "policy r opens rows without reading it; put current_setting('app.tenant_id', "
                    "true) into its USING "
                    "and WITH CHECK (functions called there are not looked into)\n"},
        SpoiledCase{"closed_to_a_role_that_names_it",
                    [](Policy& policy, Catalog&) {
                      policy.roles["reporting"].bound = false;
                      policy.roles["reporting"].opens[{"public", "patients"}] = {{"nam"}, {"f", 40, 7}};
                    },
                    "f:40:7: public.patients has no column 'nam'\n"
                    "f:40:7: warning: row-level security of public.patients shows role 'reporting' no row; pgward ddl "
                    "writes the policy\n"},
        SpoiledCase{"open_but_restricted",
                    [](Policy&, Catalog& catalog) {
                      RowPolicy restrictive = reading("App.Tenant_ID");
                      restrictive.permissive = false;
                      patients(catalog).row_policies = {{"open", true, '*', "true", ""}, restrictive};
                    },
                    ""},
        SpoiledCase{"harmless_restrictive",
                    [](Policy&, Catalog& catalog) {
                      patients(catalog).row_policies.push_back({"live", false, '*', "(NOT deleted)", ""});
                    },
                    ""},
        SpoiledCase{
            "open_check",
            [](Policy&, Catalog& catalog) { patients(catalog).row_policies[0].check_expr = "true"; },
            "f:6:3: row-level security of public.patients does not bind INSERT, UPDATE to app.tenant_id: "
            "policy isolation opens rows without reading it; put current_setting('app.tenant_id', true) into "
            "its USING "
            "and WITH CHECK (functions called there are not looked into)\n"},
        SpoiledCase{"read_only",
                    [](Policy&, Catalog& catalog) { patients(catalog).row_policies[0].command = 'r'; }, ""},
        SpoiledCase{"foreign",
                    [](Policy&, Catalog& catalog) { patients(catalog).kind = RelationKind::foreign_table; },
                    "f:6:3: warning: public.patients is a foreign table and has no row-level security here: "
                    "only the predicate protects it\n"},
        SpoiledCase{"materialized",
                    [](Policy&, Catalog& catalog) {
                      catalog.relations.at({"public", "v_patients"}).kind = RelationKind::materialized_view;
                    },
                    "f:8:3: warning: public.v_patients is a materialized view and has no row-level security: "
                    "only the predicate protects it\n"},
        SpoiledCase{"view_of_superuser",
                    [](Policy&, Catalog& catalog) {
                      catalog.relations.at({"public", "v_patients"}).owner = "postgres";
                    },
                    "f:8:3: warning: the owner of view public.v_patients bypasses row-level security: only "
                    "the predicate protects it (or give it to an owner who does not); "
                    "ALTER VIEW public.v_patients SET (security_invoker = true)\n"},
        SpoiledCase{"invoker_view_of_superuser",
                    [](Policy&, Catalog& catalog) {
                      catalog.relations.at({"public", "v_patients"}).owner = "postgres";
                      catalog.relations.at({"public", "v_patients"}).security_invoker = true;
                    },
                    ""}),
    kName);

TEST(AgainstCatalogSeverityTest, WarningsAreNoErrors) {
  EXPECT_FALSE(has_errors({{{}, "x", Severity::warning}}));
  EXPECT_TRUE(has_errors({{{}, "x", Severity::warning}, {{}, "y"}}));
}

TEST(ReadsSettingTest, WantsTheWholeName) {
  EXPECT_TRUE(reads_setting("(NULLIF(current_setting('App.Tenant_Id'::text, true), ''::text))::uuid",
                            "app.tenant_id"));
  EXPECT_FALSE(reads_setting("current_setting('app.tenant_id2'::text)", "app.tenant_id"));
  EXPECT_FALSE(reads_setting("current_setting('xapp.tenant_id'::text)", "app.tenant_id"));
  EXPECT_FALSE(reads_setting("", "app.tenant_id"));
}

}  // namespace
}  // namespace pgward::policy
