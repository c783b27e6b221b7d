"""Names and words that every PostgreSQL knows, from the headers and the bootstrap file of the server."""
import glob
import pathlib
import re
import subprocess

from . import mo

SEVERITIES = ["DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "LOG", "INFO", "NOTICE", "WARNING", "ERROR", "FATAL", "PANIC"]
# format_type()'s names that are in no table
SQL_TYPES = """any bit "bit varying" "character varying" character boolean bigint integer smallint "double precision" real
numeric decimal "timestamp with time zone" "timestamp without time zone" "time with time zone" "time without time zone"
interval "char" record unknown void trigger "user-defined type" array xml json jsonb""".replace("\n", " ")


def keywords(version):
    text = pathlib.Path(f"/usr/include/postgresql/{version}/server/parser/kwlist.h").read_text()
    return set(re.findall(r'PG_KEYWORD\("(\w+)"', text))


def bki_names(share):
    """Types, functions and relations of pg_catalog. In that file a row is: insert ( oid name ..."""
    names, table = {"type": set(), "function": set(), "relation": set()}, None
    for line in (share / "postgres.bki").read_text().splitlines():
        if create := re.match(r"create (\w+)", line):
            table = create[1]
            names["relation"].add(table)
        elif opened := re.match(r"open (\w+)", line):
            table = opened[1]
        elif row := re.match(r"insert \( \d+ (\w+) ", line):
            kind = {"pg_type": "type", "pg_proc": "function"}.get(table)
            if kind:
                names[kind].add(row[1])
    views = (share / "system_views.sql").read_text()
    names["relation"].update(re.findall(r"CREATE VIEW (\w+)", views))
    return names


def severities(version):
    words = set(SEVERITIES)
    for path in glob.glob(f"/usr/share/locale/*/LC_MESSAGES/postgres-{version}.mo"):
        for texts, translations in mo.read(path):
            if texts[0] in SEVERITIES:
                words.update(translations)
    return words


def settings(version):
    out = subprocess.run([f"/usr/lib/postgresql/{version}/bin/postgres", "--describe-config"],
                         capture_output=True, text=True, check=True, user="postgres").stdout
    return {line.split("\t")[0] for line in out.splitlines()}


def lines(version, shares):
    """shares: the share folders of the servers whose catalogs to read."""
    names = {}
    for share in shares:
        for kind, words in bki_names(share).items():
            names.setdefault(kind, set()).update(words)
    names["type"].update(word.strip('"') for word in re.findall(r'"[^"]+"|\S+', SQL_TYPES))
    names["function"].add("inline_code_block")
    names["setting"] = settings(version) | {"role", "session_authorization"}
    names["schema"] = {"pg_catalog", "information_schema", "pg_toast", "pg_temp"}
    names["keyword"] = keywords(version)
    names["severity"] = severities(version)
    names["role"] = {"public"}
    names["name"] = {"_RETURN", "plpgsql"}
    return [f"{kind} {word}" for kind in sorted(names) for word in sorted(names[kind])]
