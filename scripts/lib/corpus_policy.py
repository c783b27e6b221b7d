"""Translates the isolation suite's protected.yaml into a pgward policy.

What it lists without a tenant column (views that only counting sees) stays unlisted and is refused, and so are
its unsafe functions: that is the policy's default.
"""
import re

import yaml

# name and claim of the attribute -> type
ATTRIBUTES = {"tenant_id": "uuid", "tenant_no": "int", "org_code": "text"}


# Columns of a relation's primary key, and the patient's, where their types can be keys.
KEYS = """
SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (p.conkey)),
       array_agg(a.attname) FILTER (WHERE a.attname = 'patient_id')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE n.nspname !~ '^pg_|^information_schema$' AND c.relkind IN ('r', 'p', 'v', 'm')
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
GROUP BY 1, 2"""


def keys_of(cursor):
    """(schema, relation) -> its columns record and subject, for translate()."""
    cursor.execute(KEYS)
    return {(schema, name): (record or subject or [], subject or []) for schema, name, record, subject in cursor.fetchall()}


def translate(protected, mode, keys=None, add_keys=False):
    """`keys`: as keys_of() gives them; `add_keys`: the trail wants them in every answer."""
    out = ["# Made from protected.yaml of the isolation suite by scripts/corpus.", "version: 1", f"mode: {mode}",
           "tenant:"]
    settings = {s.rpartition(".")[2]: s for s in protected["locked_settings"]}
    types = _types(protected)
    out += [f"  - {{name: {a}, claim: {a}, setting: {settings[a]}, type: {types[a]}}}" for a in settings]
    # The oracle is row-level security, which refuses a row without its tenant column instead of filling it in.
    out += ["default: refuse", "missing_tenant: refuse", "tables:"]
    out += [_rule(r["schema"], r["table"], r, keys, add_keys) for r in protected["tables"]]
    for section in ("views", "materialized_views"):
        out += [_rule(r["schema"], r["view"], r, keys, add_keys) for r in protected[section] if r["tenant_column"]]
    out += [f"  {_scalar(name.removeprefix('public.'))}: {{shared: read}}" for name in protected["reference"]]
    out += [f"functions: {{allow: [{', '.join(protected['safe_functions'])}]}}", "roles:",
            "  clinician: {may: [select, insert, update, delete]}"]
    text = "\n".join(out) + "\n"
    yaml.safe_load(text)  # a slip in the quoting above shows here, not in pgward
    return text


def _types(protected):
    seen = dict(ATTRIBUTES)
    for rule in protected["tables"]:
        seen[rule["attribute"]] = rule["type"]
    return seen


def _rule(schema, name, rule, keys, add_keys):
    column = _scalar(rule["tenant_column"])
    return (f"  {_scalar(_qualified(schema, name))}: {{tenant: {{column: {column}, attribute: {rule['attribute']}}},"
            f"{_keys(*(keys or {}).get((schema, name), ([], [])), add_keys)} phi: all}}")


def _keys(record, subject, add_keys):
    if not record:
        return ""
    lists = "".join(f" {what}: [{', '.join(_scalar(_quoted(column)) for column in columns)}]," for what, columns in
                    (("record", record), ("subject", subject)) if columns)
    return lists + (" keys: add," if add_keys else "")


def _qualified(schema, name):
    """As SQL writes it: quoted where folding to lower case would change it."""
    quoted = [_quoted(n) for n in (schema, name)]
    return quoted[1] if schema == "public" else ".".join(quoted)


def _quoted(name):
    return name if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) else '"' + name.replace('"', '""') + '"'


def _scalar(text):
    return text if re.fullmatch(r"[\w.]+", text) else "'" + text.replace("'", "''") + "'"
