#include "policy/row_security_sql.h"

#include "policy/change_trigger_sql.h"

namespace pgward::policy {
namespace {

// Functions of the session that runs it: gone with it. format() quotes what comes from the catalog.
constexpr std::string_view kHead = R"(--
-- Read it, then run it as the owner of the tables or as a superuser:
--   psql -X -v ON_ERROR_STOP=1 -f THIS_FILE "dbname=..."
-- It is one transaction, and running it again changes nothing. Indexes are made under a lock that stops writes:
-- on large tables make them before, with CREATE INDEX CONCURRENTLY.
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL lock_timeout = '10s';

-- A table and every partition or child below it.
CREATE FUNCTION pg_temp.pgward_tree(top regclass) RETURNS SETOF regclass LANGUAGE sql AS $pgward$
  WITH RECURSIVE tree AS (SELECT top::oid AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
  SELECT c.oid::regclass FROM pg_class c JOIN tree USING (oid) WHERE c.relkind IN ('r', 'p') ORDER BY c.oid
$pgward$;

-- Row-level security that holds for the owner too, with one policy a tenant attribute. The first is permissive, so
-- that rows can be seen at all; beside a permissive policy of somebody else's ours is restrictive, since any
-- permissive one opens rows. Its comment holds its condition, by which the next run knows it.
CREATE FUNCTION pg_temp.pgward_bind(top regclass, attribute text, condition text) RETURNS void LANGUAGE plpgsql AS $pgward$
DECLARE
  t regclass;
  policy_name text := 'pgward_' || attribute;
  mark text := 'pgward ddl: ' || condition;
  ours pg_policy;
BEGIN
  FOR t IN SELECT pg_temp.pgward_tree(top) LOOP
    IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = t) THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    END IF;
    IF NOT (SELECT relforcerowsecurity FROM pg_class WHERE oid = t) THEN
      EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    END IF;
    SELECT * INTO ours FROM pg_policy WHERE polrelid = t AND polname = policy_name;
    CONTINUE WHEN FOUND AND obj_description(ours.oid, 'pg_policy') = mark;
    IF FOUND THEN
      EXECUTE format('DROP POLICY %I ON %s', policy_name, t);
    END IF;
    EXECUTE format('CREATE POLICY %I ON %s AS %s USING (%s) WITH CHECK (%s)', policy_name, t,
      CASE WHEN EXISTS (SELECT FROM pg_policy p WHERE polrelid = t AND polpermissive
                        AND obj_description(p.oid, 'pg_policy') IS DISTINCT FROM 'pgward ddl: role') THEN 'RESTRICTIVE' ELSE 'PERMISSIVE' END,
      condition, condition);
    EXECUTE format('COMMENT ON POLICY %I ON %s IS %L', policy_name, t, mark);
    RAISE NOTICE 'bound %', t;
  END LOOP;
END $pgward$;

-- A role without a tenant reads the rows of all, of the tables that it names, and by SELECT only.
CREATE FUNCTION pg_temp.pgward_open(top regclass, role text, condition text) RETURNS void LANGUAGE plpgsql AS $pgward$
DECLARE
  t regclass;
  policy_name text := left('pgward_role_' || role, 63);
BEGIN
  FOR t IN SELECT pg_temp.pgward_tree(top) LOOP
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = t AND NOT polpermissive AND polcmd IN ('*', 'r')) THEN
      RAISE WARNING '% has restrictive policies, which bind role % of the policy too: it sees no row', t, role;
    END IF;
    CONTINUE WHEN EXISTS (SELECT FROM pg_policy WHERE polrelid = t AND polname = policy_name);
    EXECUTE format('CREATE POLICY %I ON %s AS PERMISSIVE FOR SELECT USING (%s)', policy_name, t, condition);
    EXECUTE format('COMMENT ON POLICY %I ON %s IS %L', policy_name, t, 'pgward ddl: role');
    RAISE NOTICE 'opened % to role %', t, role;
  END LOOP;
END $pgward$;

-- NOT NULL where no row stands against it, and an index that begins with the column where there is none.
CREATE FUNCTION pg_temp.pgward_column(top regclass, column_name text) RETURNS void LANGUAGE plpgsql AS $pgward$
DECLARE
  t regclass;
BEGIN
  FOR t IN SELECT pg_temp.pgward_tree(top) LOOP
    IF NOT (SELECT attnotnull FROM pg_attribute WHERE attrelid = t AND attname = column_name) THEN
      BEGIN
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', t, column_name);
      EXCEPTION WHEN not_null_violation THEN
        RAISE WARNING '% has rows without a tenant in %: nobody sees them; NOT NULL is left out', t, column_name;
      END;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                   WHERE i.indrelid = t AND i.indisvalid AND i.indpred IS NULL AND a.attname = column_name) THEN
      EXECUTE format('CREATE INDEX ON %s (%I)', t, column_name);
    END IF;
  END LOOP;
END $pgward$;

-- A view is read with the rights of its owner. One who bypasses row-level security hands them on, unless the view
-- is told to use the caller's (PostgreSQL 15 and later).
CREATE FUNCTION pg_temp.pgward_view(v regclass) RETURNS void LANGUAGE plpgsql AS $pgward$
BEGIN
  IF EXISTS (SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
             WHERE c.oid = v AND (r.rolsuper OR r.rolbypassrls)
               AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)) THEN
    IF current_setting('server_version_num')::int < 150000 THEN
      RAISE WARNING 'view % belongs to a role that bypasses row-level security: give it another owner', v;
    ELSE
      EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', v);
    END IF;
  END IF;
END $pgward$;

-- What a name of the policy is, only the database knows.
CREATE FUNCTION pg_temp.pgward_protect(name text, attribute text, column_name text, condition text) RETURNS void LANGUAGE plpgsql AS $pgward$
DECLARE
  kind "char" := (SELECT relkind FROM pg_class WHERE oid = name::regclass);
BEGIN
  IF kind IN ('r', 'p') THEN
    PERFORM pg_temp.pgward_column(name::regclass, column_name);
    PERFORM pg_temp.pgward_bind(name::regclass, attribute, condition);
  ELSIF kind = 'v' THEN
    PERFORM pg_temp.pgward_view(name::regclass);
  ELSE
    RAISE WARNING '% is no table of this database: row-level security cannot protect it', name;
  END IF;
END $pgward$;

)";

// The type that a setting's text is cast to; a text needs no cast.
std::string_view cast_of(TenantType type) {
  switch (type) {
    case TenantType::uuid:
      return "::uuid";
    case TenantType::int2:
      return "::smallint";
    case TenantType::int4:
      return "::integer";
    case TenantType::int8:
      return "::bigint";
    case TenantType::text:
    case TenantType::varchar:
      return "";
  }
  return "";
}

// A line comment ends where its line does.
std::string in_comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  return text;
}

}  // namespace

std::string row_condition(const TenantColumn& column, const TenantAttribute& attribute) {
  return quote_identifier(column.column) + " = NULLIF(current_setting(" + quote_literal(attribute.setting) +
         ", true), '')" + std::string(cast_of(attribute.type));
}

std::string role_condition(const std::string& role) {
  std::string sql("current_setting('");
  sql += kRoleSetting;
  return sql += "', true) = " + quote_literal(role);
}

std::string role_condition_shown(const std::string& role) {
  std::string sql("(current_setting('");
  sql += kRoleSetting;
  return sql += "'::text, true) = " + quote_literal(role) + "::text)";
}

std::string row_security_sql(const Policy& policy, const std::string& policy_file) {
  std::string sql = "-- Row-level security for " + in_comment(policy_file) + ", written by pgward ddl.\n";
  sql += kHead;
  for (const auto& [name, rule] : policy.tables) {
    if (rule.kind != TableKind::tenant) continue;
    for (const TenantColumn& column : rule.tenant)
      if (const TenantAttribute* attribute = policy.attribute(column.attribute))
        sql += "SELECT pg_temp.pgward_protect(" + quote_literal(name.sql()) + ", " +
               quote_literal(attribute->name) + ", " + quote_literal(column.column) + ",\n  " +
               quote_literal(row_condition(column, *attribute)) + ");\n";
  }
  for (const auto& [role_name, role] : policy.roles)
    for (const auto& [name, opened] : role.opens)
      if (const auto rule = policy.tables.find(name); rule != policy.tables.end() && rule->second.kind == TableKind::tenant)
        sql += "SELECT pg_temp.pgward_open(c.oid::regclass, " + quote_literal(role_name) + ", " +
               quote_literal(role_condition(role_name)) + ")\n  FROM pg_class c WHERE c.oid = " +
               quote_literal(name.sql()) + "::regclass AND c.relkind IN ('r', 'p');\n";
  return sql + change_trigger_sql(policy) + "COMMIT;\n";
}

}  // namespace pgward::policy
