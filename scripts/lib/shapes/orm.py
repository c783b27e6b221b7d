"""Random statements of the kinds that ORMs print, over the clinic's tables."""
import itertools, random, re

from shapes.dialects import DIALECTS, PARAMETER
from shapes.schema import related, tables

COMPARE = ["=", "<>", "!=", ">", ">=", "<", "<="]
JOINS = ["INNER JOIN", "JOIN", "LEFT OUTER JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN"]


def numbered(text):
    """Parameters in the order of the text, as programs count them."""
    count = itertools.count(1)
    return re.sub(PARAMETER, lambda _: f"${next(count)}", text)


class Statements:
    def __init__(self, seed):
        self.r = random.Random(f"shapes {seed}")
        self.tables = tables()
        self.writable = [t for t in self.tables if t.writable]
        self.dialects = [d(self.r) for d in DIALECTS]
        self.kinds = [(self.simple, 6), (self.joined, 8), (self.grouped, 4), (self.window, 2), (self.with_query, 3), (self.union, 2),
                      (self.lateral, 2), (self.json, 2), (self.nested_from, 2), (self.pages, 2), (self.exists, 3), (self.insert, 4), (self.upsert, 3),
                      (self.update, 4), (self.delete, 3), (self.with_write, 1), (self.merge, 1), (self.locked, 1), (self.session, 1), (self.odd, 2)]

    def next(self):
        self.d = self.r.choice(self.dialects)
        self.d.begin()
        kind, = self.r.choices([k for k, _ in self.kinds], [w for _, w in self.kinds])
        return numbered(self.d.tail(kind()))

    # -- pieces

    def some(self, columns, most=6):
        return self.r.sample(columns, min(len(columns), self.r.randint(1, most)))

    def outputs(self, scope):
        d, r = self.d, self.r
        if r.random() < 0.15:
            return r.choice(["*", ", ".join(f"{d.ident(a)}.*" for a, _ in scope[:1]), "1 AS one", "count(*)", "COUNT(*) AS \"__count\""])
        return ", ".join(d.output(a, c) for a, t in scope for c in self.some(t.columns, 8))

    def condition(self, scope, depth=2):
        d, r = self.d, self.r
        if depth and r.random() < 0.35:
            parts = [self.condition(scope, depth - 1) for _ in range(r.randint(2, 4))]
            text = f" {r.choice(['AND', 'AND', 'OR'])} ".join(parts)
            return f"{r.choice(['', '', 'NOT '])}({text})"
        alias, table = r.choice(scope)
        column = r.choice(table.columns)
        name, kind = d.column(alias, column), column.kind
        return self.text_test(name) if kind == "text" and r.random() < 0.6 else self.other_test(name, kind, scope)

    def text_test(self, name):
        v = lambda: self.d.value("text")  # noqa: E731
        return self.r.choice([f"{name} LIKE {v()}", f"UPPER({name}::text) LIKE UPPER({v()})", f"lower({name}) = {v()}", f"{name} ILIKE {v()}",
                              f"{name} ~* {v()}", f"coalesce({name}, '') || ' ' <> {v()}", f"{name} ILIKE '%' || {v()} || '%'", f"char_length({name}) > 3",
                              f"to_tsvector('english', {name}) @@ plainto_tsquery({v()})", f"{name} COLLATE \"C\" < {v()}", f"{name} NOT LIKE {v()} ESCAPE '!'"])

    def other_test(self, name, kind, scope):
        d, r = self.d, self.r
        v = lambda: d.value(kind)  # noqa: E731
        if kind in ("other", "json", "array"):
            return r.choice([f"{name} IS NOT NULL", f"{name} IS NULL"] + ([f"{name} @> {d.literal('json')}", f"{name} ->> 'a' = {d.value('text')}",
                            f"{name} #>> '{{a,b}}' IS NULL", f"{name} ? 'a'"] if kind == "json" else [f"{d.value('text')} = ANY ({name})"] if kind == "array" else []))
        tests = [f"{name} = {v()}", f"{name} {r.choice(COMPARE)} {v()}", f"{name} IN ({', '.join(v() for _ in range(r.randint(1, 30)))})",
                 f"{name} IS NULL", f"{name} IS NOT NULL", f"{name} BETWEEN {v()} AND {v()}", f"{name} = ANY (ARRAY[{v()}, {v()}])", f"{name} IS NOT DISTINCT FROM {v()}",
                 f"NOT ({name} = {v()} AND {name} IS NOT NULL)", f"{name} NOT IN ({v()}, {v()})", f"({name}, {name}) > ({v()}, {v()})",
                 f"CASE WHEN {name} = {v()} THEN true ELSE {name} IS NULL END"]
        if kind in ("date", "time"):
            tests += [f"{name} AT TIME ZONE 'UTC' > now()" if kind == "time" else f"EXTRACT('year' FROM {name}) = 2024", f"{name} >= CURRENT_DATE - INTERVAL '7 days'",
                      f"date_trunc('month', {name}) = date_trunc('month', now())"]
        return r.choice(tests + ([self.in_query(name, kind, scope)] if r.random() < 0.5 else []))

    def in_query(self, name, kind, scope):
        found = [(t, c) for t in self.tables for c in t.of(kind)]
        table, column = self.r.choice(found)
        text, alias = self.d.named(table)
        return f"{name} {self.r.choice(['IN', 'NOT IN', '= ANY', '<> ALL'])} (SELECT {self.d.column(alias, column)} FROM {text} WHERE {self.condition([(alias, table)], 0)})"

    def chain(self, most=5):
        """Tables joined by their keys: (text behind FROM, scope)."""
        d, r = self.d, self.r
        first = r.choice(self.tables)
        text, alias = d.named(first)
        scope = [(alias, first)]
        for _ in range(r.randint(0, most)):
            left_alias, left = r.choice(scope)
            partners = [t for t in self.tables if related(left, t)] or self.tables
            table = r.choice(partners)
            named, right = d.named(table)
            on = [f"{d.ident(left_alias)}.{d.ident(k)} = {d.ident(right)}.{d.ident(next(c.name for c in table.columns if c.name.lower() == k.lower()))}"
                  for k in related(left, table)[:1]] or [f"{d.column(left_alias, left.key)}::text = {d.column(right, table.key)}::text"]
            if r.random() < 0.25:
                on.append(self.condition([(right, table)], 0))
            clause = " AND ".join(on)
            text += f" {r.choice(JOINS)} {named} ON {clause if r.random() < 0.5 else '(' + clause + ')'}"
            scope.append((right, table))
        return text, scope

    def order(self, scope):
        alias, table = self.r.choice(scope)
        return f" ORDER BY {self.d.column(alias, self.r.choice(table.columns))} {self.r.choice(['ASC', 'DESC', 'DESC NULLS LAST', ''])}".rstrip()

    def limit(self):
        return self.r.choice(["", f" LIMIT {self.d.value('int')}", f" LIMIT 21 OFFSET {self.d.value('int')}", " FETCH FIRST 10 ROWS ONLY"])

    # -- queries

    def simple(self):
        table = self.r.choice(self.tables)
        text, alias = self.d.named(table)
        scope = [(alias, table)]
        key = f"{self.d.column(alias, table.key)} = {self.d.value(table.key.kind)}" if self.r.random() < 0.4 else self.condition(scope, 1)
        return f"SELECT {self.outputs(scope)} FROM {text} WHERE {key}{self.limit()}"

    def joined(self, most=6):
        text, scope = self.chain(most)
        where = f" WHERE {self.condition(scope)}" if self.r.random() < 0.8 else ""
        return f"SELECT {self.r.choice(['', '', 'DISTINCT '])}{self.outputs(scope)} FROM {text}{where}"

    def pages(self):
        text, scope = self.chain(3)
        return f"SELECT {self.outputs(scope)} FROM {text} WHERE {self.condition(scope)}{self.order(scope)}{self.limit()}"

    def grouped(self):
        d, r = self.d, self.r
        text, scope = self.chain(3)
        alias, table = r.choice(scope)
        keys = [d.column(alias, c) for c in self.some([c for c in table.columns if c.kind not in ("json", "other")] or table.columns, 3)]
        number = r.choice(["count(*)", f"COUNT(DISTINCT {keys[0]})", f"string_agg({keys[0]}::text, ', ' ORDER BY {keys[0]})", f"count(*) FILTER (WHERE {self.condition(scope, 0)})",
                           f"max({keys[0]})", f"array_agg({keys[0]})", f"json_agg(json_build_object('k', {keys[0]}))", f"percentile_cont(0.5) WITHIN GROUP (ORDER BY length({keys[0]}::text))"])
        having = r.choice(["", f" HAVING COUNT(*) > {d.value('int')}", f" HAVING count({keys[0]}) BETWEEN 1 AND 9"])
        group = r.choice([", ".join(keys), f"ROLLUP ({', '.join(keys)})", f"GROUPING SETS (({keys[0]}), ())", ", ".join(map(str, range(1, len(keys) + 1)))])
        return f"SELECT {', '.join(keys)}, {number} AS n FROM {text} WHERE {self.condition(scope, 1)} GROUP BY {group}{having}"

    def window(self):
        d, r = self.d, self.r
        text, scope = self.chain(2)
        alias, table = scope[0]
        key, other = (d.column(alias, c) for c in (table.key, r.choice(table.columns)))
        over = f"PARTITION BY {key} ORDER BY {other}"
        call = r.choice([f"ROW_NUMBER() OVER ({over})", f"rank() OVER w", f"lag({other}) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", f"sum(1) OVER ({over} RANGE UNBOUNDED PRECEDING)"])
        named = f" WINDOW w AS (PARTITION BY {key})" if " w" in call or "(w " in call else ""
        inner = f"SELECT {key} AS k, {call} AS n FROM {text} WHERE {self.condition(scope, 1)}{named}"
        return r.choice([inner, f"SELECT * FROM ({inner}) numbered WHERE n <= {d.value('int')}"])

    def with_query(self):
        d, r = self.d, self.r
        text, scope = self.chain(2)
        alias, table = scope[0]
        one = f"SELECT {d.column(alias, table.key)} AS k FROM {text} WHERE {self.condition(scope, 1)}"
        if r.random() < 0.3:
            return (f"WITH RECURSIVE tree(k, depth) AS ({one.replace(' AS k', ' AS k, 1')} UNION ALL SELECT tree.k, depth + 1 FROM tree "
                    f"JOIN {d.relation(table)} AS more ON more.{d.ident(table.key.name)} = tree.k WHERE depth < 5) SELECT k, max(depth) FROM tree GROUP BY k")
        more, scope = self.chain(1)
        material = r.choice(["", "MATERIALIZED ", "NOT MATERIALIZED "])
        return f"WITH picked AS {material}({one}), others(x) AS (SELECT 1) SELECT {self.outputs(scope)} FROM {more} WHERE {d.column(scope[0][0], scope[0][1].key)}::text IN (SELECT k::text FROM picked)"

    def union(self):
        text, scope = self.chain(1)
        more, other = self.chain(1)
        a, b = (self.d.column(s[0][0], s[0][1].key) + "::text" for s in (scope, other))
        form = self.r.choice(["{} {} {}", "({}) {} ({})", "SELECT count(*) FROM ({} {} {}) AS both_of_them"])
        return form.format(f"SELECT {a} FROM {text} WHERE {self.condition(scope, 1)}", self.r.choice(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]),
                           f"SELECT {b} FROM {more} WHERE {self.condition(other, 1)}")

    def lateral(self):
        d, r = self.d, self.r
        text, scope = self.chain(1)
        alias, table = scope[0]
        inner = r.choice([t for t in self.tables if related(table, t)] or self.tables)
        named, inner_alias = d.named(inner)
        key = next(iter(related(table, inner)), None)
        match = f"{d.ident(inner_alias)}.{d.ident(next(c.name for c in inner.columns if c.name.lower() == key.lower()))} = {d.ident(alias)}.{d.ident(key)}" if key else "true"
        query = f"SELECT {self.outputs([(inner_alias, inner)])} FROM {named} WHERE {match} AND {self.condition([(inner_alias, inner)], 0)}{self.order([(inner_alias, inner)])} LIMIT 3"
        query = r.choice([query, f"SELECT COALESCE(JSONB_AGG(__d.*), '[]') AS __data FROM ({query}) AS __d"])
        join, on = r.choice([(" LEFT JOIN LATERAL", " ON true"), (" CROSS JOIN LATERAL", ""), (", LATERAL", "")])
        return f"SELECT {self.outputs(scope)} FROM {text}{join} ({query}) AS last{on}"

    def json(self):
        d, r = self.d, self.r
        text, scope = self.chain(1)
        alias, table = scope[0]
        whole = r.choice([f"to_jsonb({d.ident(alias)}.*)", f"row_to_json({d.ident(alias)})", f"json_agg({d.ident(alias)})", f"jsonb_build_object('a', {d.column(alias, table.key)})"])
        cells = [c for c in table.columns if c.kind == "json"]
        more = f", {d.column(alias, cells[0])} -> 'a' ->> 0" if cells and "agg" not in whole else ""
        return f"SELECT {whole}{more} FROM {text} WHERE {self.condition(scope, 1)}"

    def nested_from(self):
        """Joins in parentheses and sub-selects, as report builders and Hibernate's table per class write them."""
        d, r = self.d, self.r
        one, two = r.choice(self.tables), r.choice(self.tables)
        (a, x), (b, y) = d.named(one), d.named(two)
        on = f"{d.column(x, one.key)}::text = {d.column(y, two.key)}::text"
        sub = f"(SELECT {d.ident(one.key.name)} AS k FROM {d.relation(one)})"
        return r.choice([f"SELECT 1 FROM ({a} JOIN {b} ON {on})", f"SELECT 1 FROM ({sub} s {r.choice(JOINS)} {b} ON s.k::text = {d.column(y, two.key)}::text)",
                         f"SELECT 1 FROM {a} LEFT JOIN ({b} JOIN {sub} s ON true) ON {on}", f"SELECT s.k FROM {sub} s FULL JOIN {b} ON s.k::text = {d.column(y, two.key)}::text",
                         f"SELECT 1 FROM {a}, {b}, {sub} AS s(k) WHERE {on}", f"SELECT 1 FROM {a} FULL OUTER JOIN {b} ON {on}", f"SELECT count(*) FROM ({a} CROSS JOIN {b})",
                         f"SELECT 1 FROM ({d.relation(one)} JOIN {d.relation(one)} AS again USING ({d.ident(one.key.name)})) AS j"])

    def exists(self):
        d, r = self.d, self.r
        text, scope = self.chain(1)
        inner, inside = self.chain(1)
        same = f"{d.column(scope[0][0], scope[0][1].key)}::text = {d.column(inside[0][0], inside[0][1].key)}::text"
        output = r.choice(["1", "1 AS a", "*", '(1) AS "a"'])
        query = f"SELECT {output} FROM {inner} WHERE ({same} AND {self.condition(inside, 1)}) LIMIT 1"
        return r.choice([f"SELECT {self.outputs(scope)} FROM {text} WHERE {r.choice(['', 'NOT '])}EXISTS({query})",
                         f"SELECT EXISTS({query.replace(same, 'true')})", f"SELECT {d.column(scope[0][0], scope[0][1].key)}, EXISTS({query}) AS seen, "
                         f"(SELECT count(*) FROM {inner} WHERE {same}) AS n FROM {text}"])

    # -- changes

    def row(self, columns):
        return "(" + ", ".join(self.r.choice(["DEFAULT", "NULL"]) if self.r.random() < 0.05 else self.d.value(c.kind) for c in columns) + ")"

    def returning(self, table):
        names = ", ".join(self.d.ident(c.name) for c in self.some(table.columns, 4))
        return self.r.choice(["", f" RETURNING {names}", f" RETURNING {self.d.ident(table.key.name)}", " RETURNING *"])

    def insert(self, conflict=False):
        d, r = self.d, self.r
        table = r.choice(self.writable)
        columns = [c for c in table.columns if c.name not in table.tenant and (c.required or r.random() < 0.6)] or [table.key]
        names = ", ".join(d.ident(c.name) for c in columns)
        if r.random() < 0.15:
            source, alias = d.named(table)
            conflict = self.conflict(table, columns) if conflict else ""
            return f"INSERT INTO {d.relation(table)} ({names}) SELECT {', '.join(d.column(alias, c) for c in columns)} FROM {source} WHERE {self.condition([(alias, table)], 1)}{conflict}"
        rows = ", ".join(self.row(columns) for _ in range(r.choice([1, 1, 1, 2, 5, 20])))
        return f"INSERT INTO {d.relation(table)} ({names}) VALUES {rows}{self.conflict(table, columns) if conflict else ''}{self.returning(table)}"

    def conflict(self, table, columns):
        d, r = self.d, self.r
        column = d.ident(r.choice(columns).name)
        return r.choice([" ON CONFLICT DO NOTHING", f" ON CONFLICT ({d.ident(table.key.name)}) DO NOTHING",
                         f" ON CONFLICT ({d.ident(table.key.name)}) DO UPDATE SET {column} = EXCLUDED.{column}",
                         f" ON CONFLICT ({d.ident(table.key.name)}) DO UPDATE SET {column} = EXCLUDED.{column} WHERE {d.relation(table).split('.')[-1]}.{column} IS DISTINCT FROM EXCLUDED.{column}"])

    def upsert(self):
        return self.insert(conflict=True)

    def update(self):
        d, r = self.d, self.r
        table = r.choice(self.writable)
        columns = [c for c in table.columns if c.name not in table.tenant and c.name != table.key.name] or [table.key]
        sets = ", ".join(f"{d.ident(c.name)} = " + (d.value(c.kind) if r.random() < 0.8 else d.ident(c.name)) for c in self.some(columns, 5))
        alias = d.relation(table).split(".")[-1].strip('"')
        scope = [(alias, table)]
        if r.random() < 0.2:
            more, others = self.chain(0)
            return f"UPDATE {d.relation(table)} SET {sets} FROM {more} WHERE {d.column(alias, table.key)}::text = {d.column(others[0][0], others[0][1].key)}::text AND {self.condition(scope, 1)}"
        return f"UPDATE {d.relation(table)} SET {sets} WHERE {self.condition(scope, 1)}{self.returning(table)}"

    def delete(self):
        d, r = self.d, self.r
        table = r.choice(self.writable)
        alias = table.name
        where = self.condition([(alias, table)], 1)
        if r.random() < 0.3:
            inner, name = d.named(table)
            where = f"{d.column(alias, table.key)} IN (SELECT {d.column(name, table.key)} FROM {inner} WHERE {self.condition([(name, table)], 1)} LIMIT 100)"
        return f"DELETE FROM {d.relation(table)} WHERE {where}{self.returning(table)}"

    def with_write(self):
        d, r = self.d, self.r
        table = r.choice(self.writable)
        column = d.ident(table.key.name)
        change = r.choice([f"DELETE FROM {d.relation(table)} WHERE {column} = {d.value(table.key.kind)} RETURNING *",
                           f"UPDATE {d.relation(table)} SET {column} = {column} WHERE {column} = {d.value(table.key.kind)} RETURNING {column}"])
        return f"WITH moved AS ({change}) SELECT {r.choice(['count(*)', column, 'moved.*' ])} FROM moved"

    def merge(self):
        d, r = self.d, self.r
        table = r.choice(self.writable)
        key = d.ident(table.key.name)
        columns = [c for c in table.columns if c.name not in table.tenant and c.name != table.key.name][:2] or [table.key]
        sets = ", ".join(f"{d.ident(c.name)} = {d.value(c.kind)}" for c in columns)
        return (f"MERGE INTO {d.relation(table)} AS t USING (VALUES ({d.value(table.key.kind)})) AS s(k) ON t.{key}::text = s.k::text "
                f"WHEN MATCHED THEN {r.choice(['UPDATE SET ' + sets, 'DELETE', 'DO NOTHING'])} "
                f"WHEN NOT MATCHED THEN INSERT ({', '.join(d.ident(c.name) for c in columns)}) VALUES {self.row(columns)}")

    def locked(self):
        table = self.r.choice(self.writable)
        text, alias = self.d.named(table)
        lock = self.r.choice(["FOR UPDATE", f"FOR UPDATE OF {self.d.ident(alias)} SKIP LOCKED", "FOR NO KEY UPDATE NOWAIT", "FOR SHARE"])
        return f"SELECT {self.outputs([(alias, table)])} FROM {text} WHERE {self.condition([(alias, table)], 1)} {lock}"

    def session(self):
        query = self.simple().rstrip(";")
        return self.r.choice(["BEGIN", "COMMIT", "SAVEPOINT s1", "ROLLBACK TO SAVEPOINT s1", "SET TIME ZONE 'UTC'", "SHOW transaction_isolation", "SELECT 1", "SELECT version()",
                              "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", f'DECLARE "_c1" NO SCROLL CURSOR WITH HOLD FOR {query}', "FETCH FORWARD 2000 FROM \"_c1\"",
                              f"PREPARE a1 AS {query}", "DEALLOCATE a1", "SELECT current_schema()", "SELECT nextval('medications_medication_id_seq')"])

    def odd(self):
        """What a program may write and a rewriter may trip over: comments, keywords as names, odd places of clauses."""
        d, r = self.d, self.r
        table = r.choice(self.tables)
        text, alias = d.named(table)
        where = self.condition([(alias, table)], 1)
        key = d.column(alias, table.key)
        return r.choice([f"/* from {table.name} where */ SELECT {key} -- where\nFROM {text} -- on\nWHERE {where}", f"SELECT {key} AS \"where\", 1 AS \"from\" FROM {text} WHERE {where}",
                         f"SELECT (SELECT {key}) FROM {text} WHERE {where} OR (SELECT true WHERE {where})", f"SELECT * FROM (VALUES (1)) AS v(x) LEFT JOIN {text} ON v.x::text = {key}::text",
                         f"SELECT {key} IS DISTINCT FROM {key}, extract(year FROM now()), substring('a' FROM 1 FOR 2), trim(both ' ' FROM 'x') FROM {text} WHERE {where}",
                         f"SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY[1])) AS g(a, b) JOIN {text} ON g.a::text = {key}::text", f"TABLE {d.relation(table)}",
                         f"SELECT {key} FROM ONLY {text} WHERE {where} ORDER BY (SELECT count(*) FROM {d.relation(table)})", f"SELECT 1 FROM {text} TABLESAMPLE BERNOULLI (10) REPEATABLE (1) WHERE {where}",
                         f"SELECT $q${key}$q$, E'\\'', U&'\\0041' FROM {text} WHERE {where}", f"SELECT 1 WHERE EXISTS (TABLE {d.relation(table)})"])
