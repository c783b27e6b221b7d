#include "policy/change_trigger_sql.h"

namespace pgward::policy {
namespace {

// INFO is sent whatever client_min_messages says, and is below what log_min_messages writes by default. row_to_json()
// writes every type, and as json, not jsonb: it parses nothing, so it does not fail on what a column holds (unless the
// database's own code does: a type's output function, a cast to json). Its settings are those of the function,
// so that equal values look equal in all sessions. Values that are large in a large row are told by their hash.
constexpr std::string_view kBody = R"(
DECLARE
  old_row json := CASE WHEN TG_OP <> 'INSERT' THEN row_to_json(OLD) END;
  new_row json := CASE WHEN TG_OP <> 'DELETE' THEN row_to_json(NEW) END;
  old_large json;
  new_large json;
BEGIN
  IF octet_length(old_row::text) > 16384 OR octet_length(new_row::text) > 16384 THEN
    old_large := (SELECT json_object_agg(key, encode(sha256(convert_to(value::text, 'UTF8')), 'hex')) FROM json_each(old_row) WHERE octet_length(value::text) > 2048);
    new_large := (SELECT json_object_agg(key, encode(sha256(convert_to(value::text, 'UTF8')), 'hex')) FROM json_each(new_row) WHERE octet_length(value::text) > 2048);
    old_row := (SELECT json_object_agg(key, value) FROM json_each(old_row) WHERE octet_length(value::text) <= 2048);
    new_row := (SELECT json_object_agg(key, value) FROM json_each(new_row) WHERE octet_length(value::text) <= 2048);
  END IF;
  RAISE INFO USING MESSAGE = concat('pgward change ', current_setting('pgward.changes'),
    ' {"table":', to_json(TG_ARGV[0]), ',"action":"', left(TG_OP, 1), '","xid":"', pg_current_xact_id_if_assigned(), '"',
    ',"old":' || old_row::text, ',"new":' || new_row::text,
    ',"old_large":' || old_large::text, ',"new_large":' || new_large::text, '}');
  RETURN NULL;
END )";

// Of pg_proc.proconfig, in this order.
constexpr std::string_view kSettings[] = {"search_path", "TimeZone", "IntervalStyle", "extra_float_digits", "bytea_output"};
constexpr std::string_view kValues[] = {"pg_catalog, pg_temp", "UTC", "postgres", "1", "hex"};

constexpr std::string_view kTools = R"(
-- Previous and new values. A function that sends each changed row to pgward over the connection that changed it, where
-- the session is one of pgward's (it has the setting pgward.changes); everywhere else the trigger does not even run.
CREATE SCHEMA IF NOT EXISTS pgward;
DO $pgward$ BEGIN
  IF (SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgward'::regnamespace AND proname = 'tell_change'
      AND prosrc = $body$BODY$body$ AND proconfig = CONFIG AND NOT prosecdef) = 1 THEN RETURN; END IF;
  CREATE OR REPLACE FUNCTION pgward.tell_change() RETURNS trigger LANGUAGE plpgsql
    SETTINGS AS $body$BODY$body$;
  RAISE NOTICE 'made function pgward.tell_change';
END $pgward$;
REVOKE ALL ON FUNCTION pgward.tell_change() FROM PUBLIC;

CREATE FUNCTION pg_temp.pgward_tells(top regclass, name text) RETURNS void LANGUAGE plpgsql AS $pgward$
DECLARE
  t regclass;
  definition text;
  there pg_trigger;
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = top) NOT IN ('r', 'p') THEN
    RAISE WARNING '% is no table: nothing tells of its changes', top;
    RETURN;
  END IF;
  -- A partitioned table hands its trigger on to its partitions; a child by inheritance gets one of its own.
  FOR t IN SELECT pg_temp.pgward_tree(top) LOOP
    SELECT format('CREATE TRIGGER pgward_changes AFTER INSERT OR DELETE OR UPDATE ON %I.%I FOR EACH ROW WHEN ((current_setting(''pgward.changes''::text, true) <> ''''::text)) EXECUTE FUNCTION pgward.tell_change(%L)', n.nspname, c.relname, name)
      INTO definition FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = t;
    SELECT * INTO there FROM pg_trigger WHERE tgrelid = t AND tgname = 'pgward_changes';
    IF there.oid IS NOT NULL AND there.tgenabled <> 'A' THEN
      -- ALWAYS: session_replication_role does not switch it off.
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER pgward_changes', t);
    END IF;
    -- A partition has its parent's; a child that the policy names may have its own.
    CONTINUE WHEN there.tgparentid <> 0 OR (t <> top AND there.tgfoid = 'pgward.tell_change'::regproc);
    IF there.oid IS NOT NULL AND pg_get_triggerdef(there.oid) <> definition THEN
      EXECUTE format('DROP TRIGGER pgward_changes ON %s', t);
      there := NULL;
    END IF;
    IF there.oid IS NULL THEN
      EXECUTE definition;
      RAISE NOTICE 'changes of % are told', t;
    END IF;
    IF (SELECT tgenabled FROM pg_trigger WHERE tgrelid = t AND tgname = 'pgward_changes') <> 'A' THEN
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER pgward_changes', t);
    END IF;
  END LOOP;
END $pgward$;

)";

constexpr std::string_view kGone = R"(
-- Tables whose changes are told no longer.
DO $pgward$
DECLARE
  t regclass;
BEGIN
  FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'pgward_changes' AND tgparentid = 0
           AND convert_from(substring(tgargs FOR greatest(position('\x00'::bytea IN tgargs) - 1, 0)), getdatabaseencoding()) <> ALL (TABLES) LOOP
    EXECUTE format('DROP TRIGGER pgward_changes ON %s', t);
    RAISE NOTICE 'changes of % are told no longer', t;
  END LOOP;
END $pgward$;
)";

std::string with(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

// As PostgreSQL shows proconfig: an array of name=value.
std::string config_array() {
  std::string array = "ARRAY[";
  for (std::size_t i = 0; i < std::size(kSettings); ++i) {
    if (i > 0) array += ", ";
    std::string one(kSettings[i]);
    one += '=';
    one += kValues[i];
    array += quote_literal(one);
  }
  return array + ']';
}

std::string set_clauses() {
  std::string clauses;
  for (std::size_t i = 0; i < std::size(kSettings); ++i) {
    clauses += i > 0 ? " SET " : "SET ";
    clauses += kSettings[i];
    clauses += " = ";
    clauses += kSettings[i] == "search_path" ? std::string(kValues[i]) : quote_literal(std::string(kValues[i]));
  }
  return clauses;
}

}  // namespace

std::string change_trigger_sql(const Policy& policy) {
  std::string tables = "ARRAY[", calls;
  for (const auto& [name, rule] : policy.tables) {
    if (rule.changes == ChangeValues::off) continue;
    if (!calls.empty()) tables += ", ";
    tables += quote_literal(name.text());
    calls += "SELECT pg_temp.pgward_tells(" + quote_literal(name.sql()) + "::regclass, " + quote_literal(name.text()) + ");\n";
  }
  tables += "]::text[]";
  std::string sql;
  if (!calls.empty()) {
    sql = with(with(with(std::string(kTools), "CONFIG", config_array()), "SETTINGS", set_clauses()), "BODY", kBody);
    sql += calls;
  }
  return sql + with(std::string(kGone), "TABLES", tables);
}

std::string change_function_shown() {
  std::string shown = "plpgsql f {";
  for (std::size_t i = 0; i < std::size(kSettings); ++i) {
    if (i > 0) shown += ',';
    const bool quoted = kValues[i].find_first_of(", ") != std::string_view::npos;
    if (quoted) shown += '"';
    shown += kSettings[i];
    shown += '=';
    shown += kValues[i];
    if (quoted) shown += '"';
  }
  shown += "} ";
  return shown += kBody;
}

std::string change_trigger_shown(const RelationName& relation, const RelationName& table) {
  std::string shown = "CREATE TRIGGER pgward_changes AFTER INSERT OR DELETE OR UPDATE ON ";
  shown += quote_identifier(relation.schema);
  shown += '.';
  shown += quote_identifier(relation.name);
  shown += " FOR EACH ROW WHEN ((current_setting('pgward.changes'::text, true) <> ''::text)) EXECUTE FUNCTION pgward.tell_change(";
  shown += quote_literal(table.text());
  return shown += ')';
}

}  // namespace pgward::policy
