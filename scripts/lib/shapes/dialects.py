"""How programs write one thing: names, aliases, values, and the casts around them."""
import re

WORDS = ["smith", "O''Brien", "%ann%", "Zürich", "a -- b", "it''s; DROP", "$1", "100%", "", "x\\y", "\"q\"", "/* c */"]
RESERVED = {"select", "order", "user", "table", "group", "comment"}
PARAMETER = "\x01"  # its number is known when the text is whole


class Dialect:
    name = "plain SQL"
    quotes = False          # every name in quotes
    schema = 0.2            # how often the schema is written
    parameters = False      # $1 instead of values
    ends = ("",)

    def __init__(self, random):
        self.r, self.aliases = random, 0

    def begin(self):
        self.aliases = 0

    def ident(self, name):
        plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in RESERVED
        return name if plain and not self.quotes else '"' + name.replace('"', '""') + '"'

    def relation(self, table):
        bare = self.ident(table.name)
        return f"{self.ident(table.schema)}.{bare}" if table.schema != "public" or self.r.random() < self.schema else bare

    def alias(self, table):
        self.aliases += 1
        return re.sub(r"\W", "", table.name.lower())[:1] + str(self.aliases)

    def named(self, table):
        """(text for FROM, alias)"""
        alias = self.alias(table)
        return f"{self.relation(table)} {self.r.choice(['', 'AS '])}{self.ident(alias)}", alias

    def column(self, alias, column):
        return f"{self.ident(alias)}.{self.ident(column.name)}"

    def output(self, alias, column):
        return self.column(alias, column)

    def value(self, kind):
        if self.parameters and self.r.random() < 0.85:
            return PARAMETER + self.cast(kind)
        return self.literal(kind)

    def cast(self, kind):
        return ""

    def literal(self, kind):
        r = self.r
        return {"int": lambda: str(r.choice([0, 1, 7, r.randint(2, 10**6), 3000000000])),
                "number": lambda: r.choice(["0", "1.5", "99.95", str(r.random())[:9]]),
                "text": lambda: f"'{r.choice(WORDS)}'",
                "uuid": lambda: f"'{r.getrandbits(32):08x}-0000-4000-8000-{r.getrandbits(48):012x}'",
                "date": lambda: f"'20{r.randint(10, 30)}-0{r.randint(1, 9)}-1{r.randint(0, 9)}'",
                "time": lambda: f"'2024-05-0{r.randint(1, 9)} 10:2{r.randint(0, 9)}:00+00'",
                "bool": lambda: r.choice(["true", "false", "'t'"]),
                "json": lambda: "'{\"a\": [1, \"b\"]}'", "array": lambda: "'{a,b}'"}.get(kind, lambda: "NULL")()

    def tail(self, text):
        return text + self.r.choice(self.ends)


class Django(Dialect):
    name, quotes, schema = "Django", True, 0.0

    def alias(self, table):
        self.aliases += 1
        return table.name if self.aliases == 1 else f"T{self.aliases}"

    def named(self, table):
        alias = self.alias(table)
        return self.relation(table) + ("" if alias == table.name else f" {alias}"), alias

    def literal(self, kind):
        text = super().literal(kind)
        return text + {"uuid": "::uuid", "date": "::date", "time": "::timestamptz"}.get(kind, "") if text.startswith("'") else text

    def output(self, alias, column):
        return self.column(alias, column) + (f' AS "{column.name[:3]}__{self.r.randint(0, 9)}"' if self.r.random() < 0.1 else "")


class SqlAlchemy(Dialect):
    name, parameters = "SQLAlchemy", True

    def cast(self, kind):
        return {"int": "::INTEGER", "text": "::VARCHAR", "uuid": "::UUID", "date": "::DATE", "time": "::TIMESTAMP WITH TIME ZONE", "json": "::JSONB",
                "number": "::NUMERIC", "bool": "::BOOLEAN"}.get(kind, "") if self.r.random() < 0.7 else ""

    def alias(self, table):
        self.aliases += 1
        return f"{re.sub(r'[^a-z_]', '', table.name.lower())}_{self.aliases}"

    def output(self, alias, column):
        return f"{self.column(alias, column)} AS {self.ident(alias + '_' + column.name)}"

    def tail(self, text):
        return re.sub(r" (FROM|WHERE|ORDER BY|GROUP BY|LEFT OUTER JOIN|JOIN|RETURNING)\b", r" \n\1", text) if self.r.random() < 0.7 else text


class Hibernate(Dialect):
    name, parameters, schema = "Hibernate", True, 0.3

    def named(self, table):
        self.aliases += 1
        alias = f"{table.name.lower().replace(' ', '').replace('-', '')[:8]}{self.aliases - 1}_"
        return f"{self.relation(table)} {self.ident(alias)}", alias

    def output(self, alias, column):
        self.columns = getattr(self, "columns", 0) + 1
        short = re.sub(r"\W", "", column.name.lower())[:6]
        return f"{self.column(alias, column)} as {self.ident(f'{short}{self.columns % 20}_{self.aliases}_')}"

    def tail(self, text):
        return re.sub(r"\b(SELECT|FROM|WHERE|AND|LEFT OUTER JOIN|INNER JOIN|ORDER BY|UPDATE|SET|INSERT INTO|VALUES)\b", lambda m: m[0].lower(), text) \
            if "'" not in text and self.r.random() < 0.8 else text


class Sequelize(Dialect):
    name, quotes, ends = "Sequelize", True, (";",)

    def named(self, table):
        self.aliases += 1
        alias = table.name if self.aliases == 1 else f"{table.name}->{self.aliases}"
        return f"{self.relation(table)} AS {self.ident(alias)}", alias

    def output(self, alias, column):
        return f"{self.column(alias, column)}" + (" AS " + self.ident(f"{alias}.{column.name}") if self.aliases > 1 else "")


class TypeOrm(Sequelize):
    name, parameters, ends, schema = "TypeORM", True, ("",), 0.5

    def named(self, table):
        self.aliases += 1
        alias = f"{table.name.title()}{self.aliases}"
        return f"{self.relation(table)} {self.ident(alias)}", alias

    def output(self, alias, column):
        return f"{self.column(alias, column)} AS {self.ident(alias + '_' + column.name)}"


class Prisma(Dialect):
    name, quotes, schema, parameters = "Prisma", True, 1.0, True

    def alias(self, table):
        self.aliases += 1
        return f"t{self.aliases - 1}" if self.aliases > 1 else "j1"

    def cast(self, kind):
        return {"uuid": "::uuid", "json": "::jsonb", "date": "::date"}.get(kind, "")


class Rails(Dialect):
    name, quotes, parameters, schema = "Rails", True, True, 0.0

    def named(self, table):
        alias = table.name if self.aliases == 0 else f"{table.name}_{self.aliases}"
        self.aliases += 1
        return self.relation(table) + ("" if alias == table.name else f" {self.ident(alias)}"), alias

    def output(self, alias, column):
        return self.column(alias, column) + (f" AS t{self.aliases - 1}_r{self.r.randint(0, 9)}" if self.r.random() < 0.4 else "")

    def tail(self, text):
        return text + self.r.choice(["", " /*application:Clinic,controller:visits,action:index*/", " /* loading for pluck */"])


DIALECTS = [Dialect, Django, SqlAlchemy, Hibernate, Sequelize, TypeOrm, Prisma, Rails]
