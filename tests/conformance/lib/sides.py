"""The sides of a comparison: clusters that were made in the same way, spoken to directly or through pgward.

Each side has a cluster of its own. The same steps on fresh clusters give the same OIDs, transaction ids and
sequence values, so that answers can be compared byte by byte and no program has to clean up for the next one.

  direct  the server itself
  empty   through pgward with the empty policy: nothing is protected, bytes pass as they came
  full    through pgward with a policy that shares every table: statements are parsed, judged, recorded, relayed
"""
import contextlib, os, re
from pathlib import Path

from throwaway import Stage

HERE = Path(__file__).resolve().parents[1]
KINDS = ("direct", "empty", "full")
DATABASE, USER, SUPERUSER, PASSWORD = "conformance", "app", "postgres", "made-up password of app"
# Fixed, because what a server decides for itself would make two equal runs differ.
STEADY = {"autovacuum": "off", "jit": "off", "shared_preload_libraries": "", "timezone": "Europe/Berlin",
          "log_timezone": "UTC", "lc_messages": "C", "max_connections": "60"}
ORDERS = "INSERT INTO orders (item_id, amount, note) SELECT 1 + g % 50, 1 + g % 7, 'order ' || g FROM generate_series(1, 200) g"
ROLES_OF_TESTS = "roles:\n  app: {may: [all]}\n"


class Side:
    """One way to the server. `env()` is what programs get, `wire()` what message-level cases use."""

    def __init__(self, kind, stage, databases=()):
        self.kind, self.stage = kind, stage
        self.databases = [DATABASE, *databases] if kind != "full" else [DATABASE]
        # Clear text also on the server's own side: then the conversation of a log-in is the same, too.
        method = "password" if kind == "direct" else "scram-sha-256"
        self.cluster = stage.cluster(settings=STEADY, method=method)
        self.cluster.run_sql(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        for name in [DATABASE, *databases]:
            self.cluster.run_sql(f"CREATE DATABASE {name} OWNER {USER}")
        self.run_as_owner((HERE / "schema.sql").read_text())
        self._proxies, self._tokens = {}, {}
        self._admin = self.cluster.connect(DATABASE)

    def fresh(self):
        """Before a case: what one before it wrote, or was refused to write, must not show."""
        self._admin.execute("TRUNCATE scratch; TRUNCATE orders RESTART IDENTITY")
        self._admin.execute(ORDERS)

    def tidy(self):
        """After a program: a transaction that it left prepared would hold its locks for ever."""
        for (gid,) in self._admin.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").fetchall():
            self._admin.execute(f"ROLLBACK PREPARED '{gid}'")

    def run_as_owner(self, sql):
        with self.cluster.connect(DATABASE, USER, PASSWORD) as connection:
            connection.execute(sql)

    def proxy(self, user=USER):
        """pgward that logs in upstream as `user`, started when first asked for."""
        if user not in self._proxies:
            password = PASSWORD if user == USER else self.cluster.password
            databases = self.databases + ([] if self.kind == "full" else ["postgres", "template1"])
            self._proxies[user] = self.stage.proxy(self.cluster, databases=databases, policy=self._policy(),
                                                   upstream_user=user, upstream_password=password)
        return self._proxies[user]

    def _policy(self):
        if self.kind == "empty":
            return "empty"
        path = self.stage.home / "full.yaml"
        with self.cluster.connect(DATABASE) as connection:
            tables = [row[0] for row in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p', 'v') ORDER BY 1")]
        shared = "".join(f"  {name}: {{shared: write}}\n" for name in tables)
        path.write_text("version: 1\nmode: predicate\n"
                        "tenant: [{name: tenant_id, claim: tenant_id, setting: app.tenant_id, type: uuid}]\n"
                        f"tables:\n  guarded: {{tenant: tenant_id}}\n{shared.replace('  guarded: {shared: write}' + chr(10), '')}"
                        + ROLES_OF_TESTS)
        return path

    def where(self, user=USER):
        """host, port, password, CA of a connection as `user`."""
        if self.kind == "direct":
            password = PASSWORD if user == USER else self.cluster.password
            return self.cluster.host, self.cluster.port, password, self.cluster.ca
        proxy = self.proxy(user)
        if user not in self._tokens:
            self._tokens[user] = proxy.token({"tenant_id": "aaaaaaaa-0000-4000-8000-000000000001"}, role=user, ttl="300m")
        return proxy.host, proxy.port, self._tokens[user], proxy.ca

    def plain_port(self):
        return self.cluster.port if self.kind == "direct" else self.proxy().plain_port

    def env(self, user=USER, database=DATABASE):
        host, port, password, ca = self.where(user)
        mine = {"PGHOST": host, "PGPORT": port, "PGUSER": user, "PGPASSWORD": password, "PGDATABASE": database,
                "PGSSLMODE": "verify-full", "PGSSLROOTCERT": ca, "TZ": "UTC", "LC_ALL": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1", "PLAIN_PORT": self.plain_port()}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return kept | {k: str(v) for k, v in mine.items()}

    def hide(self, text):
        """The text without what must differ: addresses, ports, secrets, places."""
        for user in (USER, SUPERUSER):
            if self.kind == "direct" or user in self._proxies:
                host, port, password, ca = self.where(user)
                text = text.replace(password, "<password>").replace(str(ca), "<ca>")
                text = re.sub(rf"(?<![\d.]){port}(?![\d.])", "<port>", text)
        return re.sub(rf"(?<![\d.]){self.plain_port()}(?![\d.])", "<port>", text).replace(str(self.stage.home), "<home>")


@contextlib.contextmanager
def sides(kinds, databases=()):
    """{kind: Side}, everything removed at the end."""
    with contextlib.ExitStack() as stack:
        yield {kind: Side(kind, stack.enter_context(Stage()), databases) for kind in kinds}
