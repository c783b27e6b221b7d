// The SQL of the catalog reader. It runs with search_path = pg_catalog, pg_temp (last: temporary objects
// never come first), where server functions such as format_type() and pg_get_expr() write every name of
// another schema with its schema. Rows come in a fixed order: two readings of an unchanged database are
// equal.
#pragma once

namespace pgward::proxy {

// Run first, while the session's own path still holds. Temporary schemas are not in a fresh session's path.
inline constexpr const char* kSearchPathQuery =
    "SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) AS s";

// One number over (ctid, xmin) of every row that the other queries read, so that an unchanged database is not
// read again. Every change of a row makes a new version of it, with another xmin; the same pair comes back for
// other content only when a slot is used again exactly 2^32 transactions later. What the server overwrites in
// place (pg_class: pages, tuples, relhasindex) is nothing that is read here. Roles are hidden behind a view
// without system columns, so their values are taken. The start of the server stands for everything else that
// a restart, a restore or another server behind the same address may bring.
inline constexpr const char* kFingerprintQuery = R"(
SELECT pg_catalog.concat_ws(' ', pg_catalog.pg_postmaster_start_time(), pg_catalog.current_setting('server_version'),
  pg_catalog.current_schemas(true)::text, current_user, session_user, (
  SELECT pg_catalog.concat(pg_catalog.count(*), '/', pg_catalog.sum(h)) FROM (
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_class UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_attribute UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_attrdef UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_inherits UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_rewrite UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_policy UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_trigger UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_proc UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_operator UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_type UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_constraint UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_index UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_namespace UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_language UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_extension UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_auth_members UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_depend
      WHERE deptype = 'e' UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(tableoid, ctid, xmin), 0) FROM pg_catalog.pg_database
      WHERE datname = pg_catalog.current_database() UNION ALL
    SELECT pg_catalog.hash_record_extended(ROW(oid, rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolreplication), 0)
      FROM pg_catalog.pg_roles) AS all_rows (h))))";

// Names and operators of the other queries must be nobody's but the server's, whatever the role was given as
// its path. Texts of views lock what they read: not for long behind somebody's ALTER TABLE.
inline constexpr const char* kPinSettings = R"(
SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL client_encoding = 'UTF8';
SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '5s')";

// ALTER ROLE .. SET role gives a session another user than it logged in as, whose rights stand behind it all the same: RESET
// SESSION AUTHORIZATION and DISCARD ALL may lead back to them (CVE-2024-10978 and its mends).
inline constexpr const char* kFactsQuery = R"(
SELECT current_database(), current_user, current_setting('server_version_num'),
       EXISTS (SELECT FROM pg_roles WHERE rolname IN (current_user, session_user) AND (rolsuper OR rolbypassrls)))";

inline constexpr const char* kBypassingRolesQuery =
    "SELECT rolname FROM pg_roles WHERE rolsuper OR rolbypassrls";

// A superuser is a member of all of them, which says nothing.
inline constexpr const char* kUpstreamRolesQuery = R"(
SELECT DISTINCT r.rolname FROM pg_roles r JOIN pg_roles me ON me.rolname IN (current_user, session_user)
WHERE r.rolname NOT IN (current_user, session_user) AND NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER'))";

// Everything that shares the name space of tables, indexes and composite types too: what stands first in the
// path hides what comes later, whatever it is.
inline constexpr const char* kRelationsQuery = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o
               WHERE o.option_name = 'security_invoker' AND o.option_value::boolean),
       CASE WHEN c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            THEN pg_get_viewdef(c.oid) END,
       c.relkind IN ('r', 'p') AND c.relhasrules
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND n.nspname <> 'pg_toast' AND NOT starts_with(n.nspname, 'pg_temp_')
  AND NOT starts_with(n.nspname, 'pg_toast_temp_'))";

inline constexpr const char* kColumnsQuery = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, NULL), a.attnum, a.attnotnull, a.attgenerated <> '',
       CASE WHEN n.nspname <> 'information_schema' THEN pg_get_expr(d.adbin, d.adrelid) END,
       n.nspname IN ('pg_catalog', 'information_schema') OR has_table_privilege(c.oid, 'SELECT')
         OR has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast'
ORDER BY a.attrelid, a.attnum)";

inline constexpr const char* kInheritsQuery =
    "SELECT inhrelid, inhparent FROM pg_inherits ORDER BY inhrelid, inhseqno";

// What the definitions of views name, of the server's own views too: somebody's view may read through them.
inline constexpr const char* kViewReadsQuery = R"(
SELECT DISTINCT r.ev_class, d.refobjid
FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
WHERE d.refobjid <> r.ev_class AND r.rulename = '_RETURN'
ORDER BY 1, 2)";

// Only those that hold for this user. Role 0 is PUBLIC.
inline constexpr const char* kRowPoliciesQuery = R"(
SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd,
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p
WHERE EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r = 0 OR pg_has_role(r, 'USAGE'))
ORDER BY p.polrelid, p.polname)";

// What tells of changes (policy/change_trigger_sql.h).
inline constexpr const char* kChangeTriggersQuery =
    "SELECT tgrelid, concat(tgenabled, ' ', pg_get_triggerdef(oid)) FROM pg_trigger WHERE tgname = 'pgward_changes' AND NOT tgisinternal ORDER BY tgrelid";
inline constexpr const char* kChangeFunctionQuery = R"(
SELECT concat(l.lanname, CASE WHEN p.prosecdef THEN ' t ' ELSE ' f ' END, p.proconfig, ' ', p.prosrc)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname = 'pgward' AND p.proname = 'tell_change' AND p.pronargs = 0)";

inline constexpr const char* kFunctionsQuery = R"(
SELECT p.oid, n.nspname, p.proname, p.provolatile, l.lanname, p.prosecdef, p.proleakproof, p.proretset, p.prokind,
       e.extname, CASE WHEN l.lanname = 'internal' THEN p.prosrc END, pg_get_userbyid(p.proowner),
       n.nspname <> 'pg_catalog' AND has_function_privilege(p.oid, 'EXECUTE')
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                     AND d.refclassid = 'pg_extension'::regclass
LEFT JOIN pg_extension e ON e.oid = d.refobjid
ORDER BY p.oid)";

inline constexpr const char* kOperatorsQuery = R"(
SELECT n.nspname, o.oprname, fn.nspname, f.proname,
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END, format_type(o.oprright, NULL), f.proleakproof
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
JOIN pg_proc f ON f.oid = o.oprcode
JOIN pg_namespace fn ON fn.oid = f.pronamespace
ORDER BY o.oid)";

inline constexpr const char* kTypesQuery = R"(
SELECT t.typname, n.nspname
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname <> 'pg_toast' AND NOT starts_with(n.nspname, 'pg_temp_') AND NOT starts_with(n.nspname, 'pg_toast_temp_')
ORDER BY t.oid)";

inline constexpr const char* kConstraintsQuery = R"(
SELECT c.conname, n.nspname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE NOT starts_with(n.nspname, 'pg_temp_')
UNION
SELECT c.relname, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('i', 'I') AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast'
ORDER BY 1, 2)";

}  // namespace pgward::proxy
