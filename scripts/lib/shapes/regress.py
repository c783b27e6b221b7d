"""The statements of PostgreSQL's own regression suite, file by file, with the catalog that each is about.

Each file runs on a throw-away server, as scripts/conformance does it. An event trigger notes every relation that a file makes,
so that those which it drops again are known too; functions and operators are those that are there at its end.
"""
import json, os, re, subprocess, sys, types
from pathlib import Path

import yaml
from throwaway import Stage
from throwaway.process import Failed
from throwaway.proxy import binary

TOP = Path(__file__).resolve().parents[3]
TYPES = {"uuid": "uuid", "smallint": "int2", "integer": "int4", "bigint": "int8", "text": "text", "character varying": "varchar"}
KINDS = {"r": 0, "p": 1, "v": 2, "m": 3, "f": 4}  # as policy::RelationKind
NOTE = """
CREATE SCHEMA noted;
CREATE TABLE noted.relations (schema text, name text, kind text, oid oid, view text, columns jsonb, parents jsonb);
CREATE FUNCTION noted.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO noted.relations SELECT n.nspname, c.relname, c.relkind, c.oid, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
    (SELECT jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, NULL), 'number', attnum, 'not_null', attnotnull) ORDER BY attnum)
     FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    (SELECT coalesce(jsonb_agg(inhparent::bigint), '[]') FROM pg_inherits WHERE inhrelid = c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid IN
    (SELECT objid FROM pg_event_trigger_ddl_commands() WHERE classid = 'pg_class'::regclass);
EXCEPTION WHEN OTHERS THEN NULL;
END $$;
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION noted.note();
"""


def files(directory, patterns=()):
    """(name, statements, catalog file, policy file) of each; `directory` is for those files."""
    sys.path.insert(0, str(TOP / "tests/conformance/lib"))
    import cache, regress  # of tests/conformance
    if not regress.source():
        raise Failed(f"no sources of postgresql-15 in {cache.PLACE}: scripts/conformance --install fetches them")
    with Stage() as stage:
        cluster = stage.cluster(settings={"autovacuum": "off", "jit": "off", "shared_preload_libraries": "", "max_connections": "60"})
        cluster.run_sql("CREATE DATABASE regression")
        side = types.SimpleNamespace(stage=stage, cluster=cluster, hide=lambda text: text, env=lambda user, database: environment(cluster, database))
        regress.prepare([side])
        cluster.run_sql(NOTE, "regression")
        for name in regress.names(patterns):
            cluster.run_sql("TRUNCATE noted.relations", "regression")
            regress.run(name, side)
            catalog = catalog_of(cluster)
            paths = [directory / f"{name}.{kind}" for kind in ("catalog.json", "policy.yaml")]
            paths[0].write_text(json.dumps(catalog))
            paths[1].write_text(yaml.safe_dump(policy_for(catalog), sort_keys=False))
            yield name, statements((regress.source() / "sql" / f"{name}.sql").read_text(errors="replace")), *paths


def environment(cluster, database):
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
        "PGHOST": cluster.host, "PGPORT": str(cluster.port), "PGUSER": "postgres", "PGPASSWORD": cluster.password, "PGDATABASE": database, "LC_ALL": "C.UTF-8"}


def catalog_of(cluster):
    said = subprocess.run([binary(), "catalog", "--upstream", cluster.conninfo("regression")], capture_output=True, text=True, check=True)
    catalog = json.loads(said.stdout)
    known = {tuple(r["name"]) for r in catalog["relations"]}
    with cluster.connect("regression") as connection:
        noted = connection.execute("SELECT * FROM noted.relations").fetchall()
    for schema, name, kind, oid, view, columns, parents in noted:
        # What a session made for itself stands in for a table of everybody's: more to protect.
        schema = "public" if schema.startswith("pg_temp") else schema
        if (schema, name) not in known and kind in KINDS:
            known.add((schema, name))
            catalog["relations"].append({"oid": oid, "name": [schema, name], "owner": "postgres", "kind": KINDS[kind], "columns": columns or [],
                                         "parents": parents, "view": view or ""})
    return catalog


def policy_for(catalog):
    """Every table belongs to tenants that has a column which could say whose a row is; its children as it does."""
    tables, functions = {}, set()
    for relation in catalog["relations"]:
        schema, name = relation["name"]
        if schema in ("pg_catalog", "information_schema", "pg_toast", "noted") or relation.get("kind", 0) > 4 or relation.get("parents"):
            continue
        key = quoted(name) if schema == "public" else f"{quoted(schema)}.{quoted(name)}"
        column = next((c for c in relation.get("columns", []) if c["type"] in TYPES), None)
        tables[key] = {"tenant": {"column": quoted(column["name"]), "attribute": TYPES[column["type"]]}, "phi": "all"} if column else {"shared": "write"}
    for function in catalog["functions"]:
        if function["name"][0] not in ("pg_catalog", "information_schema", "noted"):
            functions.add(".".join(quoted(n) for n in function["name"]))
    return {"version": 1, "tenant": [{"name": t, "claim": t, "setting": f"app.{t}", "type": t} for t in TYPES.values()], "default": "refuse",
            "tables": tables, "functions": {"allow": sorted(functions)}, "roles": {"clinician": {"may": ["all"]}}}


def quoted(name):
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


TOKEN = re.compile(r"""--[^\n]*|/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|[;()]|\\[^\n;]*|\b(?:BEGIN\s+ATOMIC|CASE|END)\b|.""", re.DOTALL | re.IGNORECASE)


def statements(script):
    """Of a psql script: without its own commands, its variables, and the data of COPY."""
    script = re.sub(r"^(COPY\b[^;]*?FROM STDIN[^;]*;)[^\n]*\n.*?^\\\.$", r"\1", script, flags=re.MULTILINE | re.IGNORECASE | re.DOTALL)
    script = re.sub(r"^\\.*$", "", script, flags=re.MULTILINE)
    script = re.sub(r"(?<![:\w]):('?)(\w+)\1", lambda m: f"'{m[2]}'" if m[1] else m[2], script)
    out, piece, at, depth, blocks = [], "", 0, 0, 0
    while at < len(script):
        token = TOKEN.match(script, at)
        text, at = token[0], token.end()
        if text == "/*":
            end = comment_end(script, at)
            text, at = script[token.start():end], end
        depth += (text == "(") - (text == ")")
        word = text.upper()
        blocks += word.startswith("BEGIN") or (blocks > 0 and word == "CASE")
        blocks -= blocks > 0 and word == "END"
        if text.startswith("\\") or (text == ";" and depth <= 0 and not blocks):
            out.append(piece.strip())
            piece, depth, blocks = "", 0, 0
        else:
            piece += text
    return [p for p in out + [piece.strip()] if p]


def comment_end(script, at):
    depth = 1
    while depth and at < len(script):
        depth += script.startswith("/*", at) - script.startswith("*/", at)
        at += 2 if script[at:at + 2] in ("/*", "*/") else 1
    return at
