"""The clinic's tables, as tests/policy/fixture/ehr_catalog.txt tells them, and the policy's tenant columns."""
import dataclasses, re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
FIXTURE = TOP / "tests/policy/fixture"
KINDS = {"uuid": "uuid", "integer": "int", "bigint": "int", "smallint": "int", "numeric": "number", "double precision": "number",
         "text": "text", "character varying": "text", "character": "text", "date": "date", "boolean": "bool",
         "timestamp with time zone": "time", "timestamp without time zone": "time", "jsonb": "json", "text[]": "array"}


@dataclasses.dataclass
class Column:
    name: str
    kind: str       # of KINDS, or "other"
    required: bool = False


@dataclasses.dataclass
class Table:
    schema: str
    name: str
    columns: list
    tenant: set = dataclasses.field(default_factory=set)  # columns that carry a tenant
    writable: bool = False

    def of(self, *kinds):
        return [c for c in self.columns if c.kind in kinds]

    @property
    def key(self):
        own = [c for c in self.columns if c.name.lower().replace(" ", "") in ("id", self.name.rstrip("s") + "_id")]
        return (own or [c for c in self.columns if c.name.endswith(("_id", "Id")) and c.name not in self.tenant] or self.columns)[0]


def tables():
    found = []
    for line in (FIXTURE / "ehr_catalog.txt").read_text().splitlines():
        parts = line[2:].split("|")
        if line.startswith("R "):
            found.append(Table(parts[0], parts[1], []) if parts[2] in ("table", "partitioned_table", "view") else None)
        if line.startswith("C ") and found[-1]:
            found[-1].columns.append(Column(parts[0], KINDS.get(parts[1], "other"), parts[3] == "1" and not "".join(parts[5:])))
    rules = (FIXTURE / "ehr_policy.yaml").read_text()
    out = []
    for table in filter(None, found):
        rule = re.search(rf"^  '?{re.escape(written(table))}'?: \{{(.*)\}}$", rules, re.MULTILINE)
        if not rule or not table.columns:
            continue
        table.tenant = {c.name for c in table.columns if re.search(rf"(tenant|column): '?\"?{re.escape(c.name)}\"?'?[,}}]", rule[1] + "}")}
        table.writable = bool(table.tenant) and not table.name.startswith(("v_", "sv_", "mv_"))
        out.append(table)
    return out


def written(table):
    names = [n if re.fullmatch(r"[a-z_][a-z0-9_]*", n) else f'"{n}"' for n in (table.schema, table.name)]
    return names[1] if table.schema == "public" else ".".join(names)


def related(a, b):
    """Columns of both by which programs join them: a key that stands in the other under its name."""
    names = {c.name.lower() for c in b.columns}
    return [c.name for c in a.columns if c.name.lower() in names and c.name.lower().endswith("id") and c.name not in a.tenant | b.tenant]
