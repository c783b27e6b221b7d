// The SQL of the survey reader. As the catalog reader's: run with search_path = pg_catalog, pg_temp.
#pragma once

namespace pgward::proxy {

inline constexpr const char* kSurveyFactsQuery = R"(
SELECT current_database(), current_user, bool_or(rolsuper), bool_or(rolcreaterole), bool_or(rolreplication)
FROM pg_roles WHERE rolname IN (current_user, session_user))";

// As this user's sessions have them: ALTER ROLE .. SET and ALTER DATABASE .. SET are in them.
inline constexpr const char* kSettingsQuery = R"(
SELECT name, setting FROM pg_settings
WHERE name IN ('log_statement', 'log_min_duration_statement', 'log_min_duration_sample', 'log_statement_sample_rate',
               'log_transaction_sample_rate', 'log_parameter_max_length', 'log_parameter_max_length_on_error',
               'log_min_error_statement', 'log_min_messages', 'log_error_verbosity', 'log_duration',
               'debug_print_parse', 'debug_print_rewritten', 'debug_print_plan', 'row_security', 'lo_compat_privileges',
               'auto_explain.log_min_duration', 'auto_explain.log_parameter_max_length', 'auto_explain.sample_rate',
               'pgaudit.log', 'pgaudit.log_parameter', 'pg_stat_statements.track', 'lc_messages', 'backtrace_functions',
               'client_min_messages', 'plpgsql.print_strict_params'))";

// ALTER FUNCTION .. SET: in force while the function runs, whatever the session has.
inline constexpr const char* kFunctionSettingsQuery = R"(
SELECT n.nspname, p.proname, setting
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, unnest(p.proconfig) AS setting
WHERE setting ~* '^(log_|debug_|lc_messages=|client_min_messages=|backtrace_functions=|auto_explain[.]|pgaudit[.]|plpgsql[.]print_strict_params=)'
ORDER BY 1, 2, 3)";

inline constexpr const char* kExtensionsQuery = R"(
SELECT extname FROM pg_extension
UNION SELECT lanname FROM pg_language WHERE lanispl AND NOT lanpltrusted AND has_language_privilege(oid, 'USAGE'))";

inline constexpr const char* kCreatableSchemasQuery = R"(
SELECT nspname FROM pg_namespace
WHERE has_schema_privilege(oid, 'CREATE') AND nspname !~ '^pg_' AND nspname <> 'information_schema')";

// One row a key column, in order; an expression has no name.
inline constexpr const char* kIndexesQuery = R"(
SELECT i.indexrelid, n.nspname, t.relname, c.relname, i.indisunique, i.indisprimary, i.indpred IS NOT NULL, a.attname
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND a.attnum > 0
WHERE i.indisvalid AND t.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY i.indexrelid, k)";

// One row a pair of columns. Keys of partitions repeat their parent's and are left out.
inline constexpr const char* kForeignKeysQuery = R"(
SELECT c.oid, n.nspname, t.relname, c.conname, fn.nspname, f.relname, a.attname, fa.attname
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class f ON f.oid = c.confrelid
JOIN pg_namespace fn ON fn.oid = f.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, other, position)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
JOIN pg_attribute fa ON fa.attrelid = c.confrelid AND fa.attnum = k.other
WHERE c.contype = 'f' AND c.conparentid = 0
ORDER BY c.oid, k.position)";

inline constexpr const char* kTableFactsQuery = R"(
SELECT n.nspname, c.relname, c.reltuples, has_table_privilege(c.oid, 'TRUNCATE'),
       has_table_privilege(c.oid, 'REFERENCES'), has_table_privilege(c.oid, 'TRIGGER')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema')";

// What everybody may do. A table without a list of privileges opens nothing to PUBLIC.
inline constexpr const char* kPublicPrivilegesQuery = R"(
SELECT n.nspname, c.relname, p.privilege_type
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) AS p
WHERE p.grantee = 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')";

// Counts only; the columns with values of rows (most_common_vals, histogram_bounds) are not read.
inline constexpr const char* kColumnFactsQuery = R"(
SELECT n.nspname, c.relname, a.attname, s.n_distinct, col_description(c.oid, a.attnum)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
ORDER BY 1, 2, a.attnum, s.inherited DESC NULLS LAST)";

}  // namespace pgward::proxy
