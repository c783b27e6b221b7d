"""Simple queries: strings of several statements, transactions, settings, what the server says unasked."""
from frontend import Cancel, Case, Other, Query, READY, Terminate, Until, ready


def q(name, *statements):
    return Case(name, [step for sql in statements for step in (Query(sql), READY)])


SELECTS = [
    q("select", "SELECT 1, 'two', NULL, 3.50::numeric AS n"),
    q("no columns", "SELECT", "SELECT FROM items WHERE id < 3"),
    q("no rows", "SELECT * FROM items WHERE false"),
    q("empty query", "", ";", " ; ; ", "-- nothing", "/* nothing */"),
    q("every type", "SELECT * FROM kinds"),
    q("table", "TABLE items"),
    q("values", "VALUES (1, 'a'), (2, NULL)"),
    q("tenant's own", "SELECT * FROM guarded ORDER BY id", "SELECT count(*) FROM guarded g JOIN items i USING (id)"),
    q("join", "SELECT i.name, count(*), sum(o.amount) FROM items i LEFT JOIN orders o ON o.item_id = i.id GROUP BY i.id ORDER BY i.id"),
    q("with", "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT n, sum(n) OVER (ORDER BY n) FROM t"),
    q("lock rows", "SELECT id FROM items WHERE id < 4 ORDER BY id FOR UPDATE"),
    q("partitions", "SELECT tableoid::regclass, count(*) FROM measured GROUP BY 1 ORDER BY 1"),
    q("system columns", "SELECT ctid, xmin = xmin, id FROM items WHERE id = 1"),
    q("names of columns", 'SELECT id AS "Ünïcode ""quoted""", id AS "a.b" FROM items WHERE id = 1'),
]
WRITES = [
    q("insert", "INSERT INTO scratch VALUES (1, 'x'), (2, NULL)", "INSERT INTO scratch SELECT g FROM generate_series(1, 10) g"),
    q("returning", "INSERT INTO orders (item_id, amount) VALUES (1, 2) RETURNING *", "UPDATE scratch SET a = a + 1 RETURNING a, b",
      "DELETE FROM scratch WHERE a = 2 RETURNING b"),
    q("on conflict", "INSERT INTO items (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name",
      "INSERT INTO items (id, name) VALUES (1, 'again') ON CONFLICT DO NOTHING"),
    q("merge", "MERGE INTO items USING (VALUES (1, 'm'), (900, 'new')) v (id, name) ON items.id = v.id "
      "WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name)",
      "DELETE FROM items WHERE id = 900"),
    q("writing with", "WITH gone AS (DELETE FROM scratch WHERE a > 5 RETURNING *) SELECT count(*) FROM gone"),
    q("truncate", "TRUNCATE scratch"),
    q("call", "CALL put(5)", "SELECT b FROM scratch WHERE a = 5"),
    q("sequence", "SELECT nextval('counter'), currval('counter'), lastval()"),
]
STRINGS = [
    q("two statements", "SELECT 1; SELECT 2"),
    q("with empty ones", ";;SELECT 1;;SELECT 2;"),
    q("error in the middle", "INSERT INTO scratch VALUES (70, 'kept?'); SELECT 1/0; SELECT 2", "SELECT count(*) FROM scratch WHERE a = 70"),
    q("error of grammar at the end", "SELECT 1; SELEC 2", "SELECT 3"),
    q("transaction inside", "BEGIN; INSERT INTO scratch VALUES (71, 'x'); COMMIT; SELECT count(*) FROM scratch WHERE a = 71"),
    q("commit in the middle", "INSERT INTO scratch VALUES (72, ''); COMMIT; SELECT 1/0", "SELECT count(*) FROM scratch WHERE a = 72"),
    q("begin in the middle", "SELECT 1; BEGIN; SELECT 2", "SELECT 3", "ROLLBACK"),
    Case("pipelined", [Query("SELECT 1") + Query("SELECT 1/0") + Query("SELECT 3; SELECT 4") + Query(""), ready(4)]),
]
TRANSACTIONS = [
    q("commit", "BEGIN", "SELECT 1", "COMMIT"),
    q("failed", "BEGIN", "SELECT 1/0", "SELECT 2", "COMMIT", "SELECT 3"),
    q("failed rolled back", "BEGIN", "SELEC", "ROLLBACK"),
    q("savepoints", "BEGIN", "SAVEPOINT a", "SELECT 1/0", "ROLLBACK TO a", "SELECT 1", "RELEASE a", "COMMIT"),
    q("warnings", "COMMIT", "ROLLBACK", "BEGIN", "BEGIN", "ROLLBACK"),
    q("isolation", "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE", "SHOW transaction_isolation", "INSERT INTO scratch VALUES (1)", "ROLLBACK"),
    q("chain", "BEGIN READ ONLY", "COMMIT AND CHAIN", "SHOW transaction_read_only", "ROLLBACK AND NO CHAIN"),
    q("deferred", "BEGIN", "SET CONSTRAINTS ALL DEFERRED", "INSERT INTO orders (item_id, amount) VALUES (9999, 1)", "COMMIT", "SELECT 1"),
    q("two phases", "BEGIN", "INSERT INTO scratch VALUES (80, 'prepared')", "PREPARE TRANSACTION 'conformance'",
      "SELECT gid FROM pg_prepared_xacts", "ROLLBACK PREPARED 'conformance'"),
    q("cursor", "BEGIN", "DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id", "FETCH 3 FROM c", "MOVE 2 IN c", "FETCH c", "CLOSE c", "FETCH c", "ROLLBACK"),
    q("cursor scrolled", "BEGIN", "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT id FROM items ORDER BY id", "COMMIT", "FETCH LAST FROM c",
      "FETCH PRIOR FROM c", "FETCH ABSOLUTE 2 FROM c", "FETCH BACKWARD ALL FROM c", "CLOSE ALL"),
    q("cursor binary", "BEGIN", "DECLARE c BINARY CURSOR FOR SELECT id, name, price, made FROM items ORDER BY id", "FETCH 2 FROM c", "COMMIT"),
    q("current of", "BEGIN", "DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id FOR UPDATE", "FETCH 2 FROM c",
      "UPDATE items SET name = 'seen' WHERE CURRENT OF c RETURNING id", "ROLLBACK"),
]
SETTINGS = [
    q("parameter status", "SET application_name = 'other'", "SET TimeZone = 'Asia/Tokyo'", "SET DateStyle = 'German'", "SET IntervalStyle = 'iso_8601'",
      "SELECT now() - now(), timestamptz '2024-01-01 00:00+00', interval '1 day'", "RESET ALL"),
    q("several at once", "SET application_name = 'a'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'"),
    q("local", "BEGIN", "SET LOCAL TimeZone = 'America/New_York'", "SHOW TimeZone", "COMMIT", "SHOW TimeZone"),
    q("undone", "BEGIN", "SET application_name = 'undone'", "ROLLBACK", "SHOW application_name"),
    q("client encoding", "SET client_encoding = 'LATIN1'", "SELECT t FROM kinds WHERE i2 = 32767", "SELECT 'caf' || chr(233)", "RESET client_encoding"),
    q("statement timeout", "SET statement_timeout = '50ms'", "SELECT pg_sleep(20)", "RESET statement_timeout"),
    q("custom", "SET my.setting = 'x'", "SHOW my.setting", "SELECT current_setting('my.setting'), current_setting('no.such', true)", "SHOW no.such"),
    q("wrong", "SET no_such_setting = 1", "SET work_mem = 'much'", "SET TimeZone = 'Nowhere/Land'", "SHOW no_such_setting"),
    q("search path", "SET search_path = pg_catalog", "SELECT count(*) FROM items", "SET search_path = public", "SELECT count(*) FROM items"),
    q("messages", "SET client_min_messages = debug1", "SELECT tell('x')", "SET client_min_messages = error", "SELECT tell('x')", "RESET client_min_messages"),
    q("role", "SET ROLE app", "SELECT current_user, session_user", "RESET ROLE", "SET SESSION AUTHORIZATION DEFAULT"),
    q("discard", "SET TimeZone = 'UTC'", "PREPARE p AS SELECT 1", "DISCARD ALL", "SHOW TimeZone", "EXECUTE p"),
    q("discard parts", "DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES", "SELECT lastval()"),
]
STATEMENTS = [
    q("prepared in sql", "PREPARE p (int) AS SELECT name FROM items WHERE id = $1", "EXECUTE p(3)", "EXECUTE p(4)", "EXECUTE p('x')",
      "PREPARE p AS SELECT 1", "DEALLOCATE p", "EXECUTE p(3)", "DEALLOCATE ALL"),
    # Not the bare column: it is described with the OID of a table that was just made.
    q("temporary table", "CREATE TEMP TABLE t (a int)", "INSERT INTO t VALUES (1)", "SELECT a + 0 AS a FROM t", "DROP TABLE t"),
    q("ddl", "CREATE TABLE made (id serial PRIMARY KEY, b text)", "ALTER TABLE made ADD c int DEFAULT 3", "INSERT INTO made (b) VALUES ('x') RETURNING *",
      "CREATE INDEX ON made (b)", "COMMENT ON TABLE made IS 'made up'", "DROP TABLE made", "DROP TABLE IF EXISTS made"),
    q("ddl fails", "CREATE TABLE items (id int)", "DROP TABLE no_such_table", "ALTER TABLE items ADD id int", "DROP TABLE items"),
    q("table as", "CREATE TABLE made AS SELECT id FROM items WHERE id < 4", "SELECT id INTO made2 FROM items", "DROP TABLE made, made2"),
    q("explain", "EXPLAIN (COSTS off) SELECT * FROM items WHERE id = 1", "EXPLAIN (COSTS off, FORMAT json) SELECT * FROM items",
      "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT count(*) FROM items WHERE id = 1"),
    q("do", "DO $$ BEGIN RAISE NOTICE 'done'; END $$"),
    q("do fails", "DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = 'P0042', HINT = 'a hint'; END $$"),
    q("vacuum", "VACUUM (ANALYZE) scratch", "ANALYZE items", "REINDEX TABLE items"),
    q("lock", "BEGIN", "LOCK TABLE items IN SHARE MODE", "LOCK TABLE items", "COMMIT", "LOCK TABLE items"),
    q("show", "SHOW server_version_num", "SHOW transaction_isolation", "SHOW is_superuser"),
    q("notice", "SELECT tell('x')", "SELECT tell(name) FROM items WHERE id < 4"),
    q("large object", "SELECT lo_from_bytea(77777, 'abc')", "SELECT lo_get(77777)", "SELECT lo_unlink(77777)"),
    q("advisory lock", "SELECT pg_advisory_lock(7)", "SELECT pg_advisory_unlock(7), pg_try_advisory_lock(8), pg_advisory_unlock(8)"),
]
ERRORS = [
    q("position", "SELECT 1 +", "SELECT 'ä', nothing_there FROM items", "SELECT *\nFROM items\nWHERE nothing_there = 1", "SELECT 'open"),
    q("data", "SELECT 'x'::int", "SELECT 1/0", "SELECT date '2024-02-30'", "SELECT '{'::json", "SELECT 99999999999::int", "SELECT 'purple'::mood"),
    q("constraints", "INSERT INTO items (id, name) VALUES (1, 'double')", "INSERT INTO items (id) VALUES (901)", "INSERT INTO orders (item_id, amount) VALUES (1, 0)",
      "INSERT INTO orders (item_id, amount) VALUES (9999, 1)", "DELETE FROM items WHERE id = 2", "INSERT INTO orders (item_id, amount, note) VALUES (1, 1, repeat('x', 21))",
      "INSERT INTO measured VALUES ('1999-01-01', 1)", "SELECT (-1)::positive"),
    q("names", "SELECT * FROM no_such_table", "SELECT no_such_function(1)", "SELECT i.nothing FROM items i", "SELECT 1::no_such_type", "SELECT nextval('no_such')",
      "SELECT * FROM no_such_schema.t", "SELECT id FROM items, orders"),
    q("grouping", "SELECT id, count(*) FROM items", "SELECT max(id) FROM items WHERE count(*) > 1", "SELECT id FROM items UNION SELECT name FROM items"),
    q("parameters", "SELECT $1"),
    q("in a function", "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1/0; END'", "SELECT pg_temp.f()"),
    q("encoding", "SELECT U&'\\D800'", "SELECT E'\\xff'", "SELECT convert_from('\\xff', 'UTF8')"),
]
UNASKED = [
    q("listen", "LISTEN here", "NOTIFY here, 'hello'", "SELECT pg_notify('here', 'again')", "BEGIN", "NOTIFY here, 'x'", "SELECT 1", "COMMIT", "UNLISTEN *", "NOTIFY here"),
    Case("notified while idle", [Query("LISTEN here"), READY, Other("NOTIFY here, 'from another'"), Until("A", 1), Query("SELECT 1"), READY]),
    Case("cancelled", [Query("SELECT pg_sleep(30)"), Cancel(), READY, Query("SELECT 1"), READY]),
    Case("cancelled in a transaction", [Query("BEGIN; SELECT 1; SELECT pg_sleep(30)"), Cancel(), READY, Query("ROLLBACK"), READY]),
    Case("cancelled while idle", [Query("SELECT 1"), READY, Cancel(), Query("SELECT 2"), READY]),
    Case("terminated", [Query("SELECT pg_terminate_backend(pg_backend_pid())"), Until("end", 1)]),
    Case("goodbye", [Query("SELECT 1") + Terminate, Until("end", 1)]),
    Case("idle in a transaction", [Query("SET idle_in_transaction_session_timeout = 50"), READY, Query("BEGIN"), READY, Until("end", 1)]),
    Case("idle session", [Query("SET idle_session_timeout = 50"), READY, Until("end", 1)]),
]
LARGE = [
    q("large value", "SELECT repeat('x', 20000000)"),
    q("large rows", "SELECT id, payload FROM big ORDER BY id", "SELECT repeat(payload, 300) FROM big WHERE id < 20"),
    q("many rows", "SELECT g, g * 2, 'row ' || g FROM generate_series(1, 40000) g"),
    q("many columns", "SELECT " + ", ".join(f"{n} AS c{n}" for n in range(1600))),
    q("large text", "SELECT 1 /* " + "x" * 3_000_000 + " */"),
    q("large literal", "SELECT length('" + "y" * 3_000_000 + "')"),
    q("deep", "SELECT " + "(" * 500 + "1" + ")" * 500),
    q("long list", "SELECT count(*) FROM items WHERE id IN (" + ", ".join(map(str, range(20000))) + ")"),
]
GROUPS = {"select": SELECTS, "write": WRITES, "string": STRINGS, "transaction": TRANSACTIONS, "setting": SETTINGS,
          "statement": STATEMENTS, "error": ERRORS, "unasked": UNASKED, "large": LARGE}
