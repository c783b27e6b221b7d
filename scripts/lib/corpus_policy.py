"""Translates the isolation suite's protected.yaml into a pgward policy.

What it lists without a tenant column (views that only counting sees) stays unlisted and is refused, and so are
its unsafe functions: that is the policy's default.
"""
import re

import yaml

# name and claim of the attribute -> type
ATTRIBUTES = {"tenant_id": "uuid", "tenant_no": "int", "org_code": "text"}


def translate(protected, mode):
    out = ["# Made from protected.yaml of the isolation suite by scripts/corpus.", "version: 1", f"mode: {mode}",
           "tenant:"]
    settings = {s.rpartition(".")[2]: s for s in protected["locked_settings"]}
    types = _types(protected)
    out += [f"  - {{name: {a}, claim: {a}, setting: {settings[a]}, type: {types[a]}}}" for a in settings]
    # The oracle is row-level security, which refuses a row without its tenant column instead of filling it in.
    out += ["default: refuse", "missing_tenant: refuse", "tables:"]
    out += [_rule(r["schema"], r["table"], r) for r in protected["tables"]]
    for section in ("views", "materialized_views"):
        out += [_rule(r["schema"], r["view"], r) for r in protected[section] if r["tenant_column"]]
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


def _rule(schema, name, rule):
    column = _scalar(rule["tenant_column"])
    return (f"  {_scalar(_qualified(schema, name))}: {{tenant: {{column: {column}, attribute: {rule['attribute']}}},"
            " phi: all}")


def _qualified(schema, name):
    """As SQL writes it: quoted where folding to lower case would change it."""
    quoted = [n if re.fullmatch(r"[a-z_][a-z0-9_$]*", n) else '"' + n.replace('"', '""') + '"' for n in (schema, name)]
    return quoted[1] if schema == "public" else ".".join(quoted)


def _scalar(text):
    return text if re.fullmatch(r"[\w.]+", text) else "'" + text.replace("'", "''") + "'"
