"""Every ordinary statement of the corpus that the database reads or changes a protected table for must have a record that names
that table (or the view that it was read through), with its columns, and says of which records that is known.

What the database touches is asked of itself: the tables in its plan, on the oracle's side.
"""
import collections, hashlib, json, re

import psycopg2

import corpus_plans

READS_OF_VIEWS = """
WITH RECURSIVE reads(view, relation) AS (
  SELECT DISTINCT r.ev_class, d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
  UNION SELECT reads.view, further.relation FROM reads JOIN (
    SELECT r.ev_class AS view, d.refobjid AS relation FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class) further ON further.view = reads.relation)
SELECT v.relnamespace::regnamespace::text, v.relname, c.relnamespace::regnamespace::text, c.relname
FROM reads JOIN pg_class v ON v.oid = reads.view JOIN pg_class c ON c.oid = reads.relation"""
PARENTS = """SELECT c.relnamespace::regnamespace::text, c.relname, p.relnamespace::regnamespace::text, p.relname
FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent"""


def plain(schema, name):
    return f"{schema.strip(chr(34))}.{name.strip(chr(34))}"


def pairs(admin, sql):
    with psycopg2.connect(admin) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        out = collections.defaultdict(set)
        for a, b, c, d in cursor.fetchall():
            out[plain(a, b)].add(plain(c, d))
        return out


def tables_of(plan):
    out = {plain(plan["Schema"], plan["Relation Name"])} if "Relation Name" in plan and "Schema" in plan else set()
    return out.union(*(tables_of(child) for child in plan.get("Plans", [])))


def planned(connection, sql):
    try:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (VERBOSE, FORMAT JSON) " + sql)
            return tables_of(cursor.fetchone()[0][0]["Plan"])
    except psycopg2.Error:
        return None
    finally:
        connection.rollback()


def ran(connection, sql):
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        return True
    except psycopg2.Error:
        return False
    finally:
        connection.rollback()


def trail(directory):
    """hash of a text -> the records of its runs, "like" resolved."""
    told, runs = {}, collections.defaultdict(list)
    for path in sorted(directory.glob("*.jsonl")):
        for line in path.read_bytes().replace(b"\0", b"").splitlines():
            record = json.loads(line)
            if record["type"] in ("stmt.intent", "stmt.read"):
                whole = told.get((record["session"], record.get("like")), {}) | record
                told[record["session"], record["statement"]] = whole
                runs[whole["sql"]["sha256"]].append(whole)
    return runs


def compare(directory, connect, admin, protected, keyed, audit):
    """Exit status."""
    views, parents = pairs(admin, READS_OF_VIEWS), pairs(admin, PARENTS)
    wanted, skipped = [], 0
    for name, tenant, sql in corpus_plans.cases(directory):
        tables = planned(connect("oracle", tenant), sql)
        if tables is None or not ran(connect("target", tenant), sql):
            skipped += 1
            continue
        wanted.append((name, sql, tables & protected))
    runs, missing, modes = trail(audit), 0, collections.Counter()
    for name, sql, tables in wanted:
        if not tables:
            continue
        records = runs.get(hashlib.sha256(sql.encode()).hexdigest(), [])
        named = {entry["table"]: entry for record in records for entry in record["tables"]}
        seen = set(named) | {base for view in named for base in views[view]}
        lost = {table for table in tables if table not in seen and not parents[table] & seen}
        bare = [table for table, entry in named.items() if "columns" not in entry]
        for record in records:
            modes.update(entry["mode"] for entry in record.get("touched", []))
        untold = [r for r in records if not r.get("touched") and any(entry["table"] in keyed for entry in r["tables"])]
        if not records or lost or bare or untold:
            missing += 1
            print(f"MISSING {name}: {'no record' if not records else ', '.join(sorted(lost) + bare) or 'nothing said of its records'}: {re.sub(chr(10), ' ', sql)[:150]}")
    told = sum(bool(tables) for _, _, tables in wanted)
    print(f"{told} statements touch protected tables, {told - missing} are recorded with all of them; "
          f"{skipped} failed on one side; modes: " + ", ".join(f"{n} {mode}" for mode, n in sorted(modes.items())))
    return 1 if missing or not told else 0
