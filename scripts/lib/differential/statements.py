"""Random statements over a schema. Deterministic results only: no LIMIT without a total order, nothing that can fail
by the order in which conditions run (no division, no casts of data)."""
import random

from differential.schema import ATTRIBUTES, TENANTS, literal, value

JOINS = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "LATERAL"]
MARK = "code"  # of what statements write: nobody's, so that whatever is seen of it can be told


class Statements:
    def __init__(self, schema, seed, tenant):
        self.schema, self.tenant = schema, tenant
        self.r = random.Random(f"statements {seed} {tenant['mark']}")
        self.names = 0

    def next(self):
        """(statements, is it a write). The last one's answer counts; those before it make what it needs."""
        self.names = 0
        kind = self.r.random()
        if kind < 0.6:
            return self.dressed(self.top_query()), False
        write = self.r.choice([self.insert, self.insert, self.update, self.update, self.delete, self.merge])()
        if kind > 0.95 and not write.startswith("MERGE"):
            inner = write if "RETURNING" in write else write + " RETURNING id"
            return [f"WITH w AS ({inner}) SELECT count(*) FROM w"], True
        if kind > 0.93:
            return [f"PREPARE s AS {write}", "EXECUTE s"], True
        return [write], True

    def dressed(self, query):
        """A query as it is, or by another way to run one."""
        dress = self.r.random()
        if dress < 0.06:
            return [f"DECLARE c CURSOR FOR {query}", "FETCH ALL FROM c"]
        if dress < 0.12:
            return [f"PREPARE s AS {query}", "EXECUTE s"]
        return [query]

    # -- queries

    def fresh(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def top_query(self):
        sql, columns = self.query(2)
        if self.r.random() < 0.4:
            order = ", ".join(str(n + 1) for n in range(len(columns)))
            sql = f"SELECT * FROM ({sql}) AS q ORDER BY {order}"
            if self.r.random() < 0.5:
                sql += f" LIMIT {self.r.randint(1, 8)}" + (f" OFFSET {self.r.randint(0, 4)}" if self.r.random() < 0.5 else "")
        return sql

    def query(self, depth, outer=()):
        if depth > 0 and self.r.random() < 0.12:
            return self.set_operation(depth, outer)
        if depth > 0 and self.r.random() < 0.12:
            return self.with_query(depth, outer)
        sources, scope = self.from_clause(depth, outer)
        where = f" WHERE {self.condition(scope + list(outer), depth)}" if self.r.random() < 0.7 else ""
        style = self.r.random()
        if style < 0.2:
            return self.grouped(sources, scope, where)
        if style < 0.3:
            return self.windowed(sources, scope, where)
        columns, items = [], []
        for _ in range(self.r.randint(1, 4)):
            kind = self.r.choice(["int", "text", "numeric", "boolean", "date"])
            name = self.fresh("c")
            items.append(f"{self.expression(kind, scope + list(outer), depth - 1)} AS {name}")
            columns.append((name, kind))
        if self.r.random() < 0.15:
            alias, cols = self.r.choice(scope)
            return f"SELECT {alias}.* FROM {sources}{where}", cols
        distinct = "DISTINCT " if self.r.random() < 0.15 else ""
        return f"SELECT {distinct}{', '.join(items)} FROM {sources}{where}", columns

    def grouped(self, sources, scope, where):
        key, kind = self.column(scope)
        having = f" HAVING count(*) > {self.r.randint(0, 2)}" if self.r.random() < 0.4 else ""
        number, _ = self.column(scope, "int")
        return (f"SELECT {key} AS k, count(*)::int AS n, sum({number})::int AS s, max({number}) FILTER (WHERE {number} > 3) AS m "
                f"FROM {sources}{where} GROUP BY {key}{having}"), [("k", kind), ("n", "int"), ("s", "int"), ("m", "int")]

    def windowed(self, sources, scope, where):
        key, kind = self.column(scope)
        return (f"SELECT {key} AS k, (count(*) OVER (PARTITION BY {key}))::int AS n FROM {sources}{where}"), [("k", kind), ("n", "int")]

    def set_operation(self, depth, outer):
        kinds = [self.r.choice(["int", "text"]) for _ in range(2)]
        sides = []
        for _ in range(2):
            sources, scope = self.from_clause(depth - 1, outer)
            items = ", ".join(f"{self.expression(k, scope, 0)} AS c{n}" for n, k in enumerate(kinds))
            sides.append(f"SELECT {items} FROM {sources}")
        operation = self.r.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])
        return f"{sides[0]} {operation} {sides[1]}", [(f"c{n}", k) for n, k in enumerate(kinds)]

    def with_query(self, depth, outer):
        inner, columns = self.query(depth - 1)
        name = self.fresh("w")
        columns = [c for c in columns]
        alias = self.fresh("a")
        kept = self.r.choice(["", " MATERIALIZED", " NOT MATERIALIZED"])
        where = f" WHERE {self.condition([(alias, columns)] + list(outer), 0)}" if self.r.random() < 0.5 else ""
        return f"WITH {name} AS{kept} ({inner}) SELECT {alias}.* FROM {name} AS {alias}{where}", columns

    def from_clause(self, depth, outer):
        text, scope = self.source(depth, outer)
        for _ in range(self.r.choice([0, 0, 0, 1, 1, 2])):
            join = self.r.choice(JOINS)
            if join == "LATERAL":
                inner, columns = self.query(0, tuple(scope))
                alias = self.fresh("l")
                text += f" CROSS JOIN LATERAL ({inner}) AS {alias}"
                scope.append((alias, columns))
                continue
            more, right = self.source(depth, outer)
            if join == "CROSS JOIN":
                text += f" CROSS JOIN {more}"
            elif join == "FULL JOIN":  # only what can be merged or hashed
                text += f" FULL JOIN {more} ON {self.column(scope, 'int')[0]} = {self.column(right, 'int')[0]}"
            else:
                text += f" {join} {more} ON {self.join_condition(scope, right)}"
            scope += right
        return text, scope

    def source(self, depth, outer):
        if depth > 0 and self.r.random() < 0.15:
            inner, columns = self.query(depth - 1)
            alias = self.fresh("d")
            if any(k == "int" for _, k in columns):
                return f"({inner}) AS {alias}", [(alias, columns)]
        table = self.r.choice(self.schema.tables)
        only = "ONLY " if table.form == "parent" and self.r.random() < 0.3 else ""
        if self.r.random() < 0.15 and self.names == 0:  # under its own name: a second time it would clash
            self.names += 1
            return only + table.name, [(table.name.split(".")[-1], table.columns)]
        return self.aliased(table, only)

    def aliased(self, table, only=""):
        alias = self.fresh("r")
        return f"{only}{table.name} AS {alias}", [(alias, table.columns)]

    def join_condition(self, left, right):
        condition = f"{self.column(left, 'int')[0]} = {self.column(right, 'int')[0]}"
        return f"{condition} AND {self.condition(left + right, 0)}" if self.r.random() < 0.4 else condition

    # -- expressions

    def column(self, scope, kind=None):
        found = [(f"{alias}.{c}", k) for alias, columns in scope for c, k in columns if k == kind or kind is None]
        found = [f for f in found if f[1] in ("int", "text", "numeric", "boolean", "date")] or [(literal(value(self.r, kind or "int", MARK), kind or "int"), kind or "int")]
        return self.r.choice(found)

    def expression(self, kind, scope, depth):
        r = self.r
        if depth > 0 and r.random() < 0.12:
            return self.scalar(kind, scope, depth)
        pick = r.random()
        if pick < 0.5:
            return self.column(scope, kind)[0]
        if pick < 0.6:
            return f"{literal(value(r, kind, MARK), kind)}::{kind}"
        if pick < 0.7:
            return f"CASE WHEN {self.condition(scope, 0)} THEN {self.column(scope, kind)[0]} ELSE {self.column(scope, kind)[0]} END"
        a, b = self.column(scope, kind)[0], self.column(scope, kind)[0]
        return r.choice({"int": [f"{a} + {b}", f"twice({a})", f"coalesce({a}, {b}, 0)", f"greatest({a}, {b})"],
                         "numeric": [f"{a} * 2", f"abs({a} - {b})", f"round({a})"],
                         "text": [f"upper({a})", f"{a} || {b}", f"substr({a}, 1, 3)", f"coalesce({a}, {b})"],
                         "boolean": [f"NOT {a}", f"({a} IS DISTINCT FROM {b})"],
                         "date": [f"{a} + 7", f"least({a}, {b})"]}[kind])

    def scalar(self, kind, scope, depth):
        table = self.r.choice(self.schema.tables)
        text, own = self.aliased(table)
        where = self.condition(own + scope, 0)
        if kind == "int" and self.r.random() < 0.5:
            return f"(SELECT count(*)::int FROM {text} WHERE {where})"
        if kind == "boolean":
            return f"EXISTS (SELECT FROM {text} WHERE {where})"
        return f"(SELECT max({self.column(own, kind)[0]}) FROM {text} WHERE {where})"

    def condition(self, scope, depth):
        r = self.r
        if r.random() < 0.25:
            return f"({self.condition(scope, depth)} {r.choice(['AND', 'OR'])} {self.condition(scope, depth)})"
        if depth > 0 and r.random() < 0.25:
            return self.sub_condition(scope, depth)
        kind = r.choice(["int", "int", "text", "numeric", "date", "boolean"])
        a = self.column(scope, kind)[0]
        if r.random() < 0.15:
            return f"{a} IS {r.choice(['', 'NOT '])}NULL"
        if kind == "boolean":
            return r.choice([a, f"NOT {a}", f"{a} IS TRUE"])
        if kind == "text" and r.random() < 0.5:
            return r.choice([f"{a} LIKE '%{r.choice('abcdef')}%'", f"length({a}) > {r.randint(6, 9)}", f"{a} ~ '[0-4]$'"])
        if kind == "int" and r.random() < 0.3:
            return f"{a} IN ({', '.join(str(r.randint(0, 30)) for _ in range(3))})"
        b = self.column(scope, kind)[0] if r.random() < 0.3 else literal(value(r, kind, MARK), kind) + f"::{kind}"
        return f"{a} {r.choice(['=', '<>', '<', '>=', 'IS NOT DISTINCT FROM'])} {b}"

    def sub_condition(self, scope, depth):
        table = self.r.choice(self.schema.tables)
        text, own = self.aliased(table)
        inner = self.condition(own + scope, depth - 1)
        form = self.r.choice(["EXISTS", "NOT EXISTS", "IN", "NOT IN", "ANY"])
        if form.endswith("EXISTS"):
            return f"{form} (SELECT 1 FROM {text} WHERE {inner})"
        a, b = self.column(scope, "int")[0], self.column(own, "int")[0]
        return f"{a} {'= ANY' if form == 'ANY' else form} (SELECT {b} FROM {text} WHERE {inner})"

    # -- writes

    def target(self):
        return self.r.choice([t for t in self.schema.tables if t.tenant and t.writable])

    def tenant_value(self, table):
        """Mostly the own tenant; now and then another's, which must be refused."""
        whose = self.tenant if self.r.random() < 0.9 else self.r.choice(TENANTS)
        return literal(whose[table.attribute], ATTRIBUTES[table.attribute])

    def values(self, table):
        row = []
        for c, k in table.columns:
            if c == "id":
                row.append(str(self.r.randint(1, 60)))
            else:
                row.append(self.tenant_value(table) if c == table.tenant else literal(value(self.r, k, MARK), k))
        return f"({', '.join(row)})"

    def returning(self, table, alias=None):
        if self.r.random() < 0.6:
            return ""
        return " RETURNING " + self.r.choice(["*", "id", ", ".join(f"{alias + '.' if alias else ''}{c}" for c, _ in table.columns[:3])])

    def insert(self):
        t, r = self.target(), self.r
        names = ", ".join(c for c, _ in t.columns)
        if r.random() < 0.3:
            text, own = self.aliased(t)
            alias = own[0][0]
            items = ", ".join(f"{alias}.id + {r.randint(30, 50)}" if c == "id" else f"{alias}.{c}" for c, _ in t.columns)
            source = f"SELECT {items} FROM {text} WHERE {alias}.id = {r.randint(1, 25)}"
        else:
            source = "VALUES " + ", ".join(self.values(t) for _ in range(r.choice([1, 1, 2])))
        conflict = ""
        if r.random() < 0.4:
            key = f"(id, {t.tenant})" if t.form == "partitioned" else "(id)"
            conflict = r.choice([" ON CONFLICT DO NOTHING", f" ON CONFLICT {key} DO NOTHING",
                                 f" ON CONFLICT {key} DO UPDATE SET label = excluded.label",
                                 f" ON CONFLICT {key} DO UPDATE SET label = 'x' WHERE {t.name.split('.')[-1]}.id > 5"])
        return f"INSERT INTO {t.name} ({names}) {source}{conflict}{self.returning(t)}"

    def assignments(self, table, scope):
        out = []
        for c, k in self.r.sample(table.columns, 2):
            if c == table.tenant:
                out.append(f"{c} = {self.tenant_value(table)}")
            elif c != "id":
                out.append(f"{c} = {self.expression(k, scope, 1)}")
        return ", ".join(out) or f"label = {self.expression('text', scope, 0)}"

    def update(self):
        t = self.target()
        text, own = self.aliased(t)
        scope, more = list(own), ""
        if self.r.random() < 0.25:
            other, right = self.aliased(self.r.choice(self.schema.tables))
            condition = f"{own[0][0]}.id = {right[0][0]}.id AND {self.condition(own + right, 0)}"
            sets = self.assignments(t, own)  # of the row itself: which of several partners counts is anybody's guess
            return f"UPDATE {text} SET {sets} FROM {other} WHERE {condition}" + (f" RETURNING {own[0][0]}.id" if self.r.random() < 0.4 else "")
        return f"UPDATE {text} SET {self.assignments(t, scope)}{more} WHERE {self.condition(scope, 1)}{self.returning(t, own[0][0])}"

    def delete(self):
        t = self.target()
        text, own = self.aliased(t)
        narrow = f"{own[0][0]}.id % 7 = {self.r.randint(0, 6)}"
        if self.r.random() < 0.25:
            other, right = self.aliased(self.r.choice(self.schema.tables))
            return f"DELETE FROM {text} USING {other} WHERE {narrow} AND {own[0][0]}.id = {right[0][0]}.id AND {self.condition(own + right, 0)}"
        return f"DELETE FROM {text} WHERE {narrow} AND {self.condition(own, 1)}{self.returning(t, own[0][0])}"

    def merge(self):
        t = self.target()
        text, own = self.aliased(t)
        other, right = self.aliased(t)
        a, b = own[0][0], right[0][0]
        parts = []
        if self.r.random() < 0.8:
            action = self.r.choice([f"UPDATE SET {self.assignments(t, own)}", "DELETE", "DO NOTHING"])
            parts.append(f"WHEN MATCHED AND {a}.id % 3 = {self.r.randint(0, 2)} THEN {action}")
            if action == "DELETE":  # whether a row is gone before its number is taken again is up to the plan
                return f"MERGE INTO {text} USING {other} ON {a}.id = {b}.id + {self.r.randint(0, 9)} {parts[0]}"
        names = ", ".join(c for c, _ in t.columns)
        items = ", ".join(f"{b}.id + {self.r.randint(30, 50)}" if c == "id" else self.tenant_value(t) if c == t.tenant
                          else f"{b}.{c}" for c, _ in t.columns)
        parts.append(f"WHEN NOT MATCHED AND {b}.id % 5 = {self.r.randint(0, 4)} THEN INSERT ({names}) VALUES ({items})")
        return f"MERGE INTO {text} USING {other} ON {a}.id = {b}.id + {self.r.randint(0, 9)} {' '.join(parts)}"
