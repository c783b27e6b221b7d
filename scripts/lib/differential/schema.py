"""A random schema: tables of tenants (three kinds of tenant column), partitions, children, a view, reference data."""
import dataclasses, random

# What a session is bound to. Marks begin every text of the tenant's rows: what another one must never see.
TENANTS = [
    {"mark": "alder", "tenant_id": "aaaaaaaa-0000-4000-8000-000000000001", "tenant_no": 101, "tenant_code": "A-1"},
    {"mark": "birch", "tenant_id": "bbbbbbbb-0000-4000-8000-000000000002", "tenant_no": 102, "tenant_code": "B'2"},
    {"mark": "cedar", "tenant_id": "cccccccc-0000-4000-8000-000000000003", "tenant_no": 103, "tenant_code": "c"},
]
ATTRIBUTES = {"tenant_id": "uuid", "tenant_no": "int", "tenant_code": "text"}
COLUMNS = [("amount", "numeric"), ("label", "text"), ("day", "date"), ("flag", "boolean"), ("ref", "int"),
           ('"Mixed Case"', "text"), ('"order"', "int"), ("note", "text")]
ROWS = 7  # of each tenant and table


@dataclasses.dataclass
class Table:
    name: str
    columns: list            # (name, type), the tenant column among them
    tenant: str = None       # its column, None for reference data
    attribute: str = None
    writable: bool = True
    form: str = "table"      # table, partitioned, parent, view

    def typed(self, kind):
        return [c for c, t in self.columns if t == kind]


def literal(value, kind):
    if value is None:
        return "NULL"
    if kind in ("int", "numeric"):
        return str(value)
    if kind == "boolean":
        return "true" if value else "false"
    text = "'" + str(value).replace("'", "''") + "'"
    return f"{text}::uuid" if kind == "uuid" else f"{text}::date" if kind == "date" else text


class Schema:
    def __init__(self, seed):
        self.random = random.Random(f"schema {seed}")
        self.tables = [self._table(n) for n in range(self.random.randint(3, 5))]
        self.tables.append(Table("codes", [("id", "int"), ("label", "text"), ("amount", "numeric")], writable=False))
        base = self.tables[0]
        self.view = Table("seen", base.columns, base.tenant, base.attribute, writable=False, form="view")
        self.tables.append(self.view)

    def _table(self, n):
        r = self.random
        attribute = list(ATTRIBUTES)[n % 3] if n < 3 else r.choice(list(ATTRIBUTES))
        # The same name in several tables, so that USING and NATURAL join over it.
        tenant = {"tenant_id": "clinic", "tenant_no": r.choice(["clinic_no", '"Clinic No"']), "tenant_code": "org"}[attribute]
        columns = [("id", "int"), (tenant, ATTRIBUTES[attribute])] + r.sample(COLUMNS, r.randint(3, 6))
        if "label" not in dict(columns):
            columns.append(("label", "text"))
        name = r.choice([f"t{n}", f'"T {n}"', f"work.t{n}"])
        return Table(name, columns, tenant, attribute, form=("partitioned" if n == 1 else "parent" if n == 2 else "table"))

    def ddl(self):
        out = ["CREATE SCHEMA work;"]
        for t in self.tables:
            if t.form == "view":
                out.append(f"CREATE VIEW {t.name} WITH (security_invoker) AS SELECT * FROM {self.tables[0].name};")
                continue
            columns = ", ".join(f"{c} {k}" + (" NOT NULL" if c in (t.tenant, "id") else "") for c, k in t.columns)
            key = f"PRIMARY KEY (id{', ' + t.tenant if t.form == 'partitioned' else ''})"
            out.append(f"CREATE TABLE {t.name} ({columns}, {key})" + (f" PARTITION BY HASH ({t.tenant});" if t.form == "partitioned" else ";"))
            base = t.name.strip('"').replace(" ", "_").split(".")[-1]
            if t.form == "partitioned":
                out += [f"CREATE TABLE {base}_p{n} PARTITION OF {t.name} FOR VALUES WITH (MODULUS 2, REMAINDER {n});" for n in range(2)]
            if t.form == "parent":
                out.append(f"CREATE TABLE {base}_child () INHERITS ({t.name});")
        out.append("CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';")
        return "\n".join(out)

    def data(self):
        out = []
        for t in self.tables:
            if t.form == "view":
                continue
            owners = TENANTS if t.tenant else [None]
            rows = [self.row(t, o, n * len(owners) + k + 1) for n in range(ROWS) for k, o in enumerate(owners)]
            out.append(f"INSERT INTO {t.name} VALUES {', '.join(rows)};")
        return "\n".join(out) + "\nANALYZE;"

    def row(self, table, owner, number):
        r = self.random
        values = []
        for c, k in table.columns:
            if c == "id":
                values.append(str(number))
            elif c == table.tenant:
                values.append(literal(owner[table.attribute], k))
            else:
                values.append(literal(value(r, k, owner["mark"] if owner else "code"), k))
        return f"({', '.join(values)})"

    def policy(self):
        out = ["version: 1", "mode: predicate", "missing_tenant: refuse", "tenant:"]
        out += [f"  - {{claim: {a}, setting: app.{a}, type: {t}}}" for a, t in ATTRIBUTES.items()]
        out += ["tables:"]
        for t in self.tables:
            key = "'" + t.name + "'"
            out.append(f"  {key}: {{shared: read}}" if not t.tenant else
                       f"  {key}: {{tenant: {{column: {yaml_name(t.tenant)}, attribute: {t.attribute}}}, phi: all}}")
        return "\n".join(out + ["functions: {allow: [twice]}", "roles: {worker: {may: [select, insert, update, delete]}}"]) + "\n"


def yaml_name(column):
    return "'" + column.strip('"') + "'"


def value(r, kind, mark):
    if r.random() < 0.1:
        return None
    return {"int": lambda: r.randint(0, 30), "numeric": lambda: r.randint(0, 400) / 4,
            "text": lambda: f"{mark} {r.choice('abcdef')}{r.randint(0, 9)}", "boolean": lambda: r.random() < 0.5,
            "date": lambda: f"2025-{r.randint(1, 12):02}-{r.randint(1, 28):02}"}[kind]()
