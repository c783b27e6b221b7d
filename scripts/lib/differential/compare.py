"""Runs statements on both sides and compares what comes back."""
import collections, contextlib, decimal, random, re
from pathlib import Path

import psycopg

from differential.schema import ATTRIBUTES, TENANTS, Schema
from differential.statements import Statements
from throwaway.process import run
from throwaway.proxy import binary, new_password

BATCH = 100        # statements between two looks at the contents of all tables
SHOWN_MAX = 20
# Refusals of pgward's own, by their texts: what is not covered, and what it will not prove. Reported, never a
# difference. The server's own 42501 and 0A000 are another thing: there a rewritten text went wrong.
REFUSALS = re.findall(r'"[0-9A-Z]{5}",\s*"([^"]+)"', (Path(__file__).parents[3] / "policy/refusal.cpp").read_text())
# A condition of unknown types over the nullable side of a join below is fenced (policy/sql), and a fence in ON
# of a FULL JOIN cannot be merged or hashed: the server says so, and nothing is run.
REFUSALS.append("FULL JOIN is only supported with merge-joinable or hash-joinable join conditions")


class Comparison:
    """Two databases of one random schema, one tenant's sessions on both at a time."""

    def __init__(self, stage, cluster, seed, number=0):
        self.stage, self.cluster, self.seed = stage, cluster, seed
        self.schema = Schema(seed)
        self.random = random.Random(f"compare {seed}")
        self.counts, self.refused, self.differences = collections.Counter(), {}, []
        self.oracle_name, self.target_name = f"diff_rls_{number}", f"diff_plain_{number}"
        self.role, self.password = f"diff_app_{number}", new_password()

    def __enter__(self):
        policy = self.stage.home / f"{self.target_name}.yaml"
        policy.write_text(self.schema.policy())
        self.cluster.run_sql(f"CREATE ROLE {self.role} LOGIN PASSWORD '{self.password}'")
        for name in (self.oracle_name, self.target_name):
            self.cluster.run_sql(f"CREATE DATABASE {name}")
            self.cluster.run_sql(self.schema.ddl() + Schema(self.seed).data() +
                                 f"GRANT USAGE ON SCHEMA work TO {self.role};"
                                 f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, work TO {self.role};", name)
        # The oracle's wall is the one that pgward itself would have the DBA build.
        self.cluster.run_sql(run([binary(), "ddl", "--policy", policy]), self.oracle_name)
        self.proxy = self.stage.proxy(self.cluster, databases=[self.target_name], policy=policy,
                                      upstream_user=self.role, upstream_password=self.password)
        return self

    def __exit__(self, *error):
        self.proxy.stop()
        for name in (self.oracle_name, self.target_name):
            self.cluster.run_sql(f"DROP DATABASE {name} WITH (FORCE)")
        self.cluster.run_sql(f"DROP ROLE {self.role}")

    def run(self, statements):
        share = statements // len(TENANTS) + 1
        for tenant in TENANTS:
            source = Statements(self.schema, self.seed, tenant)
            with self.oracle(tenant) as oracle, self.target(tenant) as target:
                for n in range(min(share, statements)):
                    self.one(source, oracle, target, tenant)
                    if n % BATCH == BATCH - 1:
                        self.contents(f"after statement {n} of {tenant['mark']}")
            statements -= share
        self.contents("at the end")

    def oracle(self, tenant):
        settings = " ".join("-c app.{}={}".format(a, str(tenant[a]).replace("\\", "\\\\").replace(" ", "\\ ")) for a in ATTRIBUTES)
        return self.cluster.connect(self.oracle_name, self.role, self.password, options=settings + " -c statement_timeout=3s")

    def target(self, tenant):
        token = self.proxy.token({a: tenant[a] for a in ATTRIBUTES}, role="worker", ttl="700m")
        connection = psycopg.connect(**self.proxy.conninfo(token, user="worker"), autocommit=True)
        connection.execute("SET statement_timeout = '3s'")
        return connection

    def one(self, source, oracle, target, tenant):
        statements, writes = source.next()
        sql = "; ".join(statements)
        prepared = self.random.random() < 0.5  # the extended protocol
        left, right = (outcome(c, statements, prepared) for c in (oracle, target))
        verdict = judge(left, right, tenant)
        keep = writes and verdict == "same rows" and self.random.random() < 0.8
        for connection in (oracle, target):
            connection.execute("COMMIT" if keep else "ROLLBACK")
            if statements[0].startswith("PREPARE"):
                with contextlib.suppress(psycopg.Error):  # it was refused: there is none
                    connection.execute("DEALLOCATE s")
        self.counts[verdict] += 1
        if verdict == "refused by pgward":
            self.refused.setdefault(right[1:], sql)
        if verdict.isupper():
            self.differs(f"{verdict}: {sql}\n    row-level security: {shown(left)}\n    pgward:             {shown(right)}")

    def contents(self, when):
        for table in self.schema.tables:
            if table.form == "view":
                continue
            query = f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table.name} AS t"
            found = []
            for name in (self.oracle_name, self.target_name):
                with self.cluster.connect(name) as c:
                    found.append(c.execute(query).fetchone()[0])
            if found[0] != found[1]:
                self.counts["CONTENTS DIFFER"] += 1
                self.differs(f"CONTENTS DIFFER: {table.name} {when}")

    def differs(self, text):
        if len(self.differences) < SHOWN_MAX:
            self.differences.append(f"[seed {self.seed}] {text}")

    def show_refused(self):
        for (sqlstate, message), sql in self.refused.items():
            print(f"  refused {sqlstate} {message}: {sql[:600]}")


def outcome(connection, statements, prepared):
    """("rows", tag, names, sorted rows) or ("error", SQLSTATE, text), inside a transaction that stays open."""
    connection.execute("BEGIN")
    try:
        for sql in statements[:-1]:
            connection.execute(sql, prepare=False)
        cursor = connection.execute(statements[-1], prepare=prepared and len(statements) == 1)
    except psycopg.Error as error:
        return "error", error.sqlstate or "lost", error.diag.message_primary or str(error)
    if cursor.description is None:
        return "rows", cursor.statusmessage, (), ()
    return ("rows", cursor.statusmessage, tuple(c.name for c in cursor.description),
            tuple(sorted(repr([plain(v) for v in row]) for row in cursor.fetchall())))


def plain(value):
    """0.0 and 0.00 are one value, and DISTINCT keeps whichever comes first."""
    return value.normalize() if isinstance(value, decimal.Decimal) else value


def is_refusal(outcome):
    return any(outcome[2].startswith(text) for text in REFUSALS)


def judge(oracle, target, tenant):
    others = "|".join(t["mark"] for t in TENANTS if t is not tenant)
    if re.search(rf"\b({others}) |{'|'.join(t['tenant_id'] for t in TENANTS if t is not tenant)}", str(target)):
        return "same leak as row-level security" if oracle == target else "LEAK"
    if "57014" in (oracle[1], target[1]):
        return "undecided: took too long"
    if oracle == target:
        return "same rows" if oracle[0] == "rows" else "same error"
    if oracle[0] == target[0] == "error":
        # Where one of the two says that it is not allowed, the other may have found another reason first.
        same = oracle[1] == target[1] or is_refusal(target) or oracle[1] == "42501" and target[1] != "lost"
        return "same error" if same else "OTHER ERROR"
    if target[0] == "error":
        return "refused by pgward" if is_refusal(target) else "OTHER ERROR"
    return "NOT REFUSED" if oracle[0] == "error" else "OTHER ROWS"


def shown(result):
    return str(result)[:400]
