// What only a survey shows: one thing of a sound database is spoiled at a time. Codes and objects count here;
// the texts are read by people.
#include <gtest/gtest.h>

#include <ostream>

#include "policy/against_catalog.h"
#include "policy/file.h"

namespace pgward::policy {
namespace {

constexpr auto kPolicy = R"(version: 1
tenant: [{claim: tenant_id, setting: app.tenant_id, type: uuid}]
tables:
  patients: {tenant: clinic_id, phi: {ssn: ssn}}
  visits: {tenant: clinic_id}
  codes: {shared: read}
  totals: {shared: read}
roles: {clinician: {may: all}}
)";

const RelationName kPatients{"public", "patients"};
const RelationName kVisits{"public", "visits"};

Relation table(Oid oid, const char* name) {
  Relation made;
  made.oid = oid;
  made.name = {"public", name};
  made.owner = "ehr_owner";
  for (const auto& [column, type] : {std::pair{"id", "bigint"}, {"clinic_id", "uuid"}, {"ssn", "text"}})
    made.columns.push_back({column, type, static_cast<int>(made.columns.size()) + 1, true, false, ""});
  made.row_security = made.force_row_security = true;
  made.row_policies = {
      {"isolation", true, '*',
       "(clinic_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)", ""}};
  return made;
}

struct Database {
  Policy policy = *load_policy(kPolicy, "f").policy;
  Catalog catalog;
  Survey survey;

  Database() {
    catalog.database = survey.database = "ehr";
    catalog.upstream_user = survey.user = "pgward_app";
    catalog.bypassing_roles = {"postgres"};
    catalog.default_search_path = {"pg_catalog", "public"};
    catalog.add(table(1, "patients"));
    catalog.add(table(2, "visits"));
    for (const Oid oid : {3u, 4u}) {
      Relation other = table(oid, oid == 3 ? "codes" : "totals");
      std::erase_if(other.columns, [](const Column& one) { return one.name == "clinic_id"; });
      catalog.add(std::move(other));
    }
    for (const RelationName& name : {kPatients, kVisits}) {
      survey.tables[name];
      survey.indexes.push_back({name, name.name + "_pkey", {"id"}, true, true, false});
      survey.indexes.push_back({name, name.name + "_clinic", {"clinic_id", "ssn"}, true, false, false});
    }
    survey.foreign_keys = {{kVisits, "visits_fk", {"clinic_id", "id"}, kPatients, {"clinic_id", "id"}}};
    survey.settings = {{"log_statement", "none"},
                       {"log_min_error_statement", "panic"},
                       {"log_error_verbosity", "terse"},
                       {"log_min_duration_statement", "-1"},
                       {"log_parameter_max_length_on_error", "0"}};
  }
  Function& function(const char* name) {
    Function made;
    made.name = {"public", name};
    made.owner = "ehr_owner";
    made.security_definer = made.executable = true;
    return catalog.functions.emplace(name, made)->second;
  }
  Relation& view(RelationKind kind = RelationKind::view) {
    Relation& made = catalog.relations.at({"public", "totals"});
    made.kind = kind;
    made.reads = {1};
    return made;
  }
};

struct SurveyCase {
  const char* name;
  void (*spoil)(Database&);
  const char* found;  // "severity code object", one a line
  friend void PrintTo(const SurveyCase& one, std::ostream* out) { *out << one.name; }
};
class AgainstSurveyTest : public testing::TestWithParam<SurveyCase> {};

TEST_P(AgainstSurveyTest, FindsItAndNothingElse) {
  Database database;
  GetParam().spoil(database);
  std::string found;
  for (const Mistake& finding : check_against(database.policy, database.catalog, &database.survey)) {
    found += std::string(finding.severity == Severity::error ? "error " : "warning ") + finding.code + " " +
             finding.object + "\n";
    EXPECT_FALSE(finding.text.empty());
    EXPECT_FALSE(finding.fix.empty()) << finding.text;
  }
  EXPECT_EQ(found, GetParam().found);
}

const auto kName = [](const auto& one) { return one.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Keys, AgainstSurveyTest,
    testing::Values(
        SurveyCase{"sound", [](Database&) {}, ""},
        SurveyCase{"no_index", [](Database& d) { d.survey.indexes.clear(); },
                   "warning tenant-unindexed public.patients.clinic_id\nwarning tenant-unindexed "
                   "public.visits.clinic_id\n"},
        SurveyCase{"partial_index", [](Database& d) { d.survey.indexes[1].partial = true; },
                   "warning tenant-unindexed public.patients.clinic_id\n"},
        SurveyCase{"second_in_the_index",
                   [](Database& d) {
                     d.survey.indexes[1].columns = {"id", "clinic_id"};
                   },
                   "warning tenant-unindexed public.patients.clinic_id\n"},
        SurveyCase{"unique_over_phi",
                   [](Database& d) {
                     d.survey.indexes.push_back({kPatients, "ssn_key", {"ssn"}, true, false, false});
                   },
                   "warning unique-crosses-tenants public.patients.ssn_key\n"},
        SurveyCase{"unique_over_no_phi",
                   [](Database& d) {
                     d.survey.indexes.push_back({kPatients, "no_key", {"id"}, true, false, false});
                   },
                   ""},
        SurveyCase{"key_without_tenant",
                   [](Database& d) {
                     d.survey.foreign_keys = {{kVisits, "fk", {"id"}, kPatients, {"id"}}};
                   },
                   "warning key-crosses-tenants public.visits.fk\n"},
        SurveyCase{
            "key_with_tenant_crossed",
            [](Database& d) {
              d.survey.foreign_keys = {{kVisits, "fk", {"clinic_id", "id"}, kPatients, {"id", "clinic_id"}}};
            },
            "warning key-crosses-tenants public.visits.fk\n"},
        SurveyCase{"key_to_shared",
                   [](Database& d) {
                     d.survey.foreign_keys = {{kVisits, "fk", {"id"}, {"public", "codes"}, {"id"}}};
                   },
                   ""},
        SurveyCase{"unlisted",
                   [](Database& d) {
                     d.catalog.add(table(9, "forgotten"));
                     Relation child = table(10, "patients_2024");
                     child.parents = {1};
                     d.catalog.add(child);
                   },
                   "warning table-unlisted public.forgotten\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Ways, AgainstSurveyTest,
    testing::Values(
        SurveyCase{"programs",
                   [](Database& d) {
                     d.catalog.upstream_roles = {"pg_execute_server_program", "staff"};
                   },
                   "error upstream-server-access pgward_app\n"},
        SurveyCase{"may_bypass", [](Database& d) { d.catalog.upstream_roles = {"postgres"}; },
                   "error upstream-may-bypass pgward_app\n"},
        SurveyCase{"may_bypass_without_rls",
                   [](Database& d) {
                     d.policy.mode = Mode::predicate;
                     d.catalog.upstream_roles = {"postgres"};
                   },
                   ""},
        SurveyCase{
            "replication_and_create_role",
            [](Database& d) { d.survey.attributes.replication = d.survey.attributes.create_role = true; },
            "error upstream-replication pgward_app\nerror upstream-create-role pgward_app\n"},
        SurveyCase{"superuser",
                   [](Database& d) {
                     d.policy.mode = Mode::predicate;
                     d.catalog.upstream_bypasses_rls = d.survey.attributes.superuser = true;
                     d.survey.creatable_schemas = {"public"};
                     d.survey.tables[kPatients].privileges.of_upstream = {"TRUNCATE"};
                   },
                   "warning upstream-superuser pgward_app\n"},
        SurveyCase{"owner", [](Database& d) { d.catalog.relations.at(kPatients).owner = "pgward_app"; },
                   "warning upstream-owns public.patients\n"},
        SurveyCase{"truncate",
                   [](Database& d) { d.survey.tables[kPatients].privileges.of_upstream = {"TRUNCATE"}; },
                   "warning grant-unbound public.patients\n"},
        SurveyCase{"everybody",
                   [](Database& d) { d.survey.tables[kVisits].privileges.of_public = {"SELECT"}; },
                   "warning grant-public public.visits\n"},
        SurveyCase{"definer_of_superuser", [](Database& d) { d.function("census").owner = "postgres"; },
                   "warning function-definer public.census\n"},
        SurveyCase{"definer_out_of_reach", [](Database& d) { d.function("census").executable = false; }, ""},
        SurveyCase{"definer_of_an_extension", [](Database& d) { d.function("census").extension = "x"; }, ""},
        SurveyCase{"extension",
                   [](Database& d) {
                     d.survey.extensions = {"dblink", "pg_trgm", "plpgsql"};
                   },
                   "warning extension dblink\n"},
        SurveyCase{"create_in_path",
                   [](Database& d) {
                     d.survey.creatable_schemas = {"public", "work"};
                   },
                   "warning schema-create public\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Views, AgainstSurveyTest,
    testing::Values(SurveyCase{"walled_below", [](Database& d) { d.view(); }, ""},
                    SurveyCase{"of_superuser", [](Database& d) { d.view().owner = "postgres"; },
                               "warning view-shares-tenants public.totals\n"},
                    SurveyCase{"materialized", [](Database& d) { d.view(RelationKind::materialized_view); },
                               "warning view-shares-tenants public.totals\n"},
                    SurveyCase{"no_rls",
                               [](Database& d) {
                                 d.policy.mode = Mode::predicate;
                                 d.view();
                               },
                               "warning view-shares-tenants public.totals\n"},
                    SurveyCase{"through_another_view",
                               [](Database& d) {
                                 Relation between = table(20, "between");
                                 between.columns.clear();
                                 between.kind = RelationKind::view;
                                 between.reads = {4, 1};  // in a circle, too
                                 d.catalog.add(between);
                                 d.view(RelationKind::materialized_view).reads = {20};
                               },
                               "warning view-shares-tenants public.totals\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Log, AgainstSurveyTest,
    testing::Values(
        SurveyCase{"statements", [](Database& d) { d.survey.settings["log_statement"] = "ddl"; },
                   "warning server-log log_statement\n"},
        SurveyCase{"defaults_of_the_server",
                   [](Database& d) {
                     d.survey.settings["log_min_error_statement"] = "error";
                     d.survey.settings["log_error_verbosity"] = "default";
                   },
                   "warning server-log log_min_error_statement\nwarning server-log log_error_verbosity\n"},
        SurveyCase{"slow_ones", [](Database& d) { d.survey.settings["log_min_duration_statement"] = "500"; },
                   "warning server-log log_min_duration_statement\n"},
        SurveyCase{"auto_explain",
                   [](Database& d) { d.survey.settings["auto_explain.log_min_duration"] = "0"; },
                   "warning server-log auto_explain.log_min_duration\n"},
        SurveyCase{"german", [](Database& d) { d.survey.settings["lc_messages"] = "de_DE.UTF-8"; },
                   "warning server-log lc_messages\n"},
        SurveyCase{"english", [](Database& d) { d.survey.settings["lc_messages"] = "en_GB.UTF-8"; }, ""},
        SurveyCase{"no_language", [](Database& d) { d.survey.settings["lc_messages"] = "C.UTF-8"; }, ""},
        SurveyCase{"inner_life",
                   [](Database& d) {
                     d.survey.settings["log_min_messages"] = "debug2";
                     d.survey.settings["client_min_messages"] = "debug1";
                     d.survey.settings["backtrace_functions"] = "int4in";
                     d.survey.settings["plpgsql.print_strict_params"] = "on";
                   },
                   "warning server-log log_min_messages\nwarning server-log backtrace_functions\n"
                   "warning server-log client_min_messages\nwarning server-log plpgsql.print_strict_params\n"},
        SurveyCase{"of_a_function",
                   [](Database& d) { d.survey.function_settings.push_back({{"public", "f"}, "log_statement=all"}); },
                   "warning server-log-function public.f\n"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Expressions, AgainstSurveyTest,
    testing::Values(SurveyCase{"no_nullif",
                               [](Database& d) {
                                 d.catalog.relations.at(kPatients).row_policies[0].using_expr =
                                     "(clinic_id = (current_setting('app.tenant_id'::text, true))::uuid)";
                               },
                               "warning rls-nullif public.patients\n"},
                    SurveyCase{"or_beside_it",
                               [](Database& d) {
                                 auto& text = d.catalog.relations.at(kPatients).row_policies[0].using_expr;
                                 text = "(" + text + " OR shared)";
                               },
                               "warning rls-or public.patients\n"}),
    kName);

}  // namespace
}  // namespace pgward::policy
