// What a malicious tenant with a password tries beside writing ordinary SQL. What is refused must stay so, whatever the
// allow-lists grow by; what is open is so on purpose, and docs/threat-model.md says what it tells.
#include <gtest/gtest.h>

#include "fixture.h"

namespace pgward::policy {
namespace {

// Text that is run, relations by name or number, files, other sessions, statistics, settings, definitions.
const char* const kRefused[] = {
      "SELECT query_to_xml_and_xmlschema('SELECT 1', true, false, '')",
      "SELECT cursor_to_xml('c', 1, true, false, '')",
      "SELECT database_to_xml(true, false, '')",
      "SELECT schema_to_xmlschema('public', true, false, '')",
      "SELECT ts_rewrite('a'::tsquery, 'SELECT a, b FROM x')",
      "SELECT currtid2('patients', '(0,1)')",
      "SELECT pg_read_binary_file('base/1/1249')",
      "SELECT pg_ls_dir('.')",
      "SELECT * FROM pg_ls_logdir()",
      "SELECT pg_stat_file('postgresql.conf')",
      "SELECT lo_import('/etc/passwd')",
      "SELECT lo_export(1, '/tmp/x')",
      "SELECT loread(lo_open(1, 262144), 100)",
      "SELECT lo_from_bytea(0, 'x')",
      "SELECT * FROM pg_largeobject",
      "SELECT * FROM pg_stats",
      "SELECT * FROM pg_stats_ext",
      "SELECT * FROM pg_statistic",
      "SELECT * FROM pg_stat_activity",
      "SELECT * FROM pg_stat_get_activity(NULL)",
      "SELECT pg_stat_get_backend_activity(b) FROM generate_series(1, 10) b",
      "SELECT * FROM pg_stat_user_tables",
      "SELECT pg_stat_get_live_tuples('patients'::regclass)",
      "SELECT * FROM pg_locks",
      "SELECT * FROM pg_prepared_xacts",
      "SELECT * FROM pg_db_role_setting",
      "SELECT * FROM pg_authid",
      "SELECT * FROM pg_shadow",
      "SELECT * FROM pg_hba_file_rules",
      "SELECT * FROM pg_file_settings",
      "SELECT * FROM pg_user_mappings",
      "SELECT * FROM pg_foreign_server",
      "SELECT * FROM pg_sequences",
      "SELECT last_value FROM messages_message_id_seq",
      "SELECT pg_sequence_last_value('messages_message_id_seq'::regclass)",
      "SELECT * FROM pg_stat_statements",
      "SELECT pg_export_snapshot()",
      "SELECT pg_logical_emit_message(true, 'a', 'b')",
      "SELECT pg_cancel_backend(1)",
      "SELECT pg_reload_conf()",
      "SELECT pg_switch_wal()",
      "SELECT pg_blocking_pids(1)",
      "SELECT pg_safe_snapshot_blocking_pids(1)",
      "SELECT pg_isolation_test_session_is_blocked(1, '{2}')",
      "SELECT pg_get_wal_replay_pause_state()",
      "SELECT * FROM pg_get_shmem_allocations()",
      "SELECT * FROM pg_show_all_settings()",
      "SELECT * FROM pg_hba_file_rules()",
      "SELECT binary_upgrade_set_next_pg_type_oid(1)",
      "SELECT gin_clean_pending_list('x'::regclass)",
      "SELECT brin_summarize_new_values('x'::regclass)",
      "SELECT pg_replication_origin_create('x')",
      "SELECT pg_create_logical_replication_slot('a', 'test_decoding')",
      "SELECT pg_stat_reset()",
      "SELECT dblink('dbname=ehr', 'SELECT 1')",
      "SELECT * FROM patients TABLESAMPLE tsm_x(1)",
      "SET row_security = off",
      "SET ROLE postgres",
      "SET SESSION AUTHORIZATION postgres",
      "SET session_replication_role = replica",
      "SET LOCAL role = 'postgres'",
      "SET default_tablespace = ''",
      "SET log_statement = 'all'",
      "SET session_preload_libraries = 'x'",
      "SET local_preload_libraries = 'x'",
      "SET client_encoding = 'SJIS'",
      "SET backslash_quote = on",
      "SET transform_null_equals = on",
      "SET debug_print_plan = on",
      "SET client_min_messages = debug5",
      "SET log_min_messages = debug5",
      "SET zero_damaged_pages = on",
      "SET ignore_checksum_failure = on",
      "SET lc_messages = 'de_DE'",
      "SET check_function_bodies = off",
      "SET default_table_access_method = heap",
      "SET lo_compat_privileges = on",
      "SET allow_system_table_mods = on",
      "SET app.tenant_no = 202",
      "SET pgward.role = 'migrator'",
      "SET \"app\".\"tenant_id\" = 'x'",
      "SET APP.TENANT_ID TO DEFAULT",
      "RESET app.tenant_id",
      "SET TRANSACTION SNAPSHOT '00000003-0000001B-1'",
      "COPY patients TO PROGRAM 'cat'",
      "COPY patients FROM PROGRAM 'cat'",
      "COPY (SELECT 1) TO PROGRAM 'cat'",
      "COPY pg_authid TO STDOUT",
      "LOAD 'x'",
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE TEMP VIEW v AS SELECT 1",
      "CREATE TEMP TABLE pg_class (a int)",
      "CREATE TEMP TABLE x (a int DEFAULT set_config('a.b', 'c', false)::int)",
      "CREATE TEMP TABLE x (LIKE patients INCLUDING ALL)",
      "CREATE TEMP TABLE x () INHERITS (patients)",
      "CREATE TEMP TABLE x (a int REFERENCES patients)",
      "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
      "CREATE CAST (text AS int) WITH INOUT",
      "CREATE RULE r AS ON SELECT TO wards DO INSTEAD SELECT 1",
      "CREATE TRIGGER t BEFORE INSERT ON wards EXECUTE FUNCTION f()",
      "CREATE POLICY p ON wards",
      "CREATE STATISTICS s ON beds, name FROM wards",
      "CREATE INDEX i ON wards (beds)",
      "CREATE MATERIALIZED VIEW m AS SELECT 1",
      "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
      "CREATE EXTENSION dblink",
      "ALTER ROLE ehr_proxy SET app.tenant_id = 'x'",
      "ALTER DATABASE ehr SET app.tenant_id = 'x'",
      "ANALYZE patients",
      "VACUUM patients",
      "CLUSTER patients",
      "REINDEX TABLE patients",
      "REFRESH MATERIALIZED VIEW mv_clinic_stats",
      "SECURITY LABEL ON TABLE wards IS 'x'",
      "COMMENT ON TABLE wards IS 'x'",
      "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
      "PREPARE TRANSACTION 'x'",
      "CHECKPOINT",
      "SELECT * FROM information_schema.user_mapping_options",
      "SELECT pg_input_is_valid('x', 'regclass')",
      "SELECT ('/etc/passwd'::text).pg_read_file",
      "SELECT (p.mrn).lo_import FROM patients p",
      "SELECT (ARRAY['SELECT 1'])[1].ts_stat",
      "SELECT x.pg_terminate_backend FROM generate_series(1, 10) x",
      "SELECT (SELECT 'patients'::regclass).table_to_xml",
      "WITH x AS (SELECT set_config('app.tenant_id', 'x', true)) SELECT 1",
      "SELECT 1 FROM wards ORDER BY lo_creat(-1)",
      "SELECT count(*) FILTER (WHERE pg_notify('a', 'b') IS NULL) FROM wards",
      "PREPARE p AS SELECT pg_read_file('x')",
      "DECLARE c CURSOR FOR SELECT * FROM pg_stat_activity",
      "INSERT INTO wards (name) VALUES (query_to_xml('SELECT 1', true, false, '')::text)",
      "COPY (SELECT * FROM pg_stats) TO STDOUT",
      "MERGE INTO wards w USING pg_authid a ON true WHEN MATCHED THEN DELETE",
      "CREATE TEMP TABLE x AS SELECT * FROM pg_statistic",
      "SELECT 1 FROM wards WHERE name = ANY (SELECT query FROM pg_stat_activity)",
      "TABLE pg_largeobject",
      "VALUES ((SELECT pg_ls_dir('.')))",
};

const char* const kOpen[] = {
    "SELECT reltuples FROM pg_class", "SELECT pg_relation_size('patients')", "SELECT pg_advisory_lock(1)",
    "SELECT p.ctid, p.xmin, p.tableoid FROM patients p", "SELECT has_table_privilege('pg_authid', 'select')",
    "SELECT pg_get_viewdef('v_active_patients')", "SELECT nextval('messages_message_id_seq')", "SELECT current_query()",
    "SELECT * FROM pg_cursors, pg_prepared_statements", "SELECT 'pg_authid'::regclass", "LOCK TABLE wards IN SHARE ROW EXCLUSIVE MODE",
};

// A role that may everything that one of a tenant can be given.
std::string outcome(std::string_view sql, const Policy& policy) {
  const Plan plan = policy::plan({sql, QueryProtocol::simple, policy.roles.at("open"), &fixture::default_path()}, policy, fixture::ehr_catalog());
  return plan.refusal ? fixture::name_of(*plan.refusal) : "accepted";
}

TEST(AttacksPlanTest, IsRefused) {
  for (const Policy* policy : {&fixture::ehr_policy(), &fixture::fenced_policy()})
    for (const char* sql : kRefused) {
      const std::string got = outcome(sql, *policy);
      EXPECT_TRUE(got.ends_with("_allowed") || got.ends_with("_locked") || got.ends_with("_listed") || got.ends_with("_only") ||
                  got == "not_supported" || got == "temporary_name")
          << got << ": " << sql;
    }
}

TEST(AttacksPlanTest, IsOpenAsTheThreatModelSays) {
  for (const char* sql : kOpen) EXPECT_EQ(outcome(sql, fixture::ehr_policy()), "accepted") << sql;
}

}  // namespace
}  // namespace pgward::policy
