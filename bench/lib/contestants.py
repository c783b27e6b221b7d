"""Who is measured: how each is configured, started and addressed."""
import os, shutil, time

from throwaway import certificates
from throwaway.cluster import free_port
from throwaway.process import Failed, start, stop, tail
from throwaway.proxy import binary
from throwaway.wire import Closed, Wire

import database, tools


class Contestant:
    """`command()` makes the files it needs; it runs in the foreground and listens on `port` of 127.0.0.1."""

    name = ""
    runs_as = None  # another user than ours

    def __init__(self, stage, cluster, plain):
        self.stage, self.cluster, self.plain = stage, cluster, plain
        self.sslmode = "disable" if plain else "require"
        self.port, self.process = free_port(), None
        self.password = cluster.bench_password
        self.password_variable = "BENCH_" + self.name.upper().replace("-", "_")

    def start(self):
        log = self.stage.home / f"{self.name}.log"
        self.process = start(self.command(), log, user=self.runs_as)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{self.name} did not start:\n{tail(log)}")
            time.sleep(0.05)

    def stop(self):
        if self.process:
            stop(self.process)

    def target(self):
        """As sidebyside wants it."""
        pid = self.process.pid if self.process else "-"
        return f"{self.name}=127.0.0.1:{self.port}:{pid}:{database.USER}:${self.password_variable}:{self.sslmode}"

    def _answers(self):
        try:
            Wire("127.0.0.1", self.port, timeout=2).__exit__()
            return True
        except (OSError, Closed):
            return False

    def _directory(self):
        home = self.stage.home / f"{self.name}-{self.port}"
        home.mkdir(mode=0o755)
        for name in ("ca.crt", "ca.key"):
            shutil.copy(self.stage.home / name, home)
        certificates.make_certificate(home, "proxy")
        return home


class PgBouncer(Contestant):
    name = "pgbouncer"
    runs_as = "postgres" if os.geteuid() == 0 else None  # it refuses to be root

    def command(self):
        home = self._directory()
        (home / "users.txt").write_text(f'"{database.USER}" "{self.password}"\n')
        (home / "pgbouncer.ini").write_text(PGBOUNCER.format(
            upstream_port=self.cluster.port, port=self.port, home=home, database=database.NAME,
            tls="disable" if self.plain else "require"))
        if self.runs_as:
            for path in (home, *home.iterdir()):
                shutil.chown(path, self.runs_as, self.runs_as)
        return [tools.program("pgbouncer", "pgbouncer"), str(home / "pgbouncer.ini")]


# The password is kept for the server only: clients are trusted, which is the least that PgBouncer can do.
PGBOUNCER = """\
[databases]
{database} = host=127.0.0.1 port={upstream_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {home}/users.txt
pool_mode = session
client_tls_sslmode = {tls}
client_tls_key_file = {home}/proxy.key
client_tls_cert_file = {home}/proxy.crt
server_tls_sslmode = disable
max_client_conn = 6000
default_pool_size = 200
logfile = /dev/null
"""


class Pgward(Contestant):
    def command(self):
        proxy = self.stage.new_proxy(self.cluster, databases=[database.NAME], policy=self.policy(),
                                     upstream_user=database.USER, upstream_password=self.cluster.bench_password)
        listener = {"address": f"127.0.0.1:{self.port}"} | ({"tls": "off"} if self.plain else {})
        proxy.config["upstream"].pop("ca")
        proxy.config["upstream"]["tls"] = "off"
        # One thread, as the others have. Reading the catalog again in the middle would count for some of the queries.
        proxy.write_config(proxy.config | {"listen": [listener], "threads": 1, "catalog_refresh": "24h"})
        self.password = proxy.token({"bid": database.TENANT}, role=database.USER, ttl="700m")
        return [binary(), "serve", "--config", str(proxy.config_file)]

    def policy(self):
        return "empty"


class PgwardEmpty(Pgward):
    name = "pgward-empty"


class PgwardFull(Pgward):
    name = "pgward-full"

    def policy(self):
        return database.policy_file(self.stage.home)


class Floor(Contestant):
    """Built from the source beside the tools: what is possible at all."""

    name = "floor"

    def command(self):
        argv = [str(tools.build_floor(self.stage)), "copy" if self.plain else "tls", str(self.port), str(self.cluster.port)]
        if self.plain:
            return argv
        home = self._directory()
        return [*argv, str(home / "proxy.crt"), str(home / "proxy.key")]


class Direct(Contestant):
    name = "direct"

    def start(self):
        self.port = self.cluster.port


ALL = {c.name: c for c in (PgBouncer, PgwardEmpty, PgwardFull, Floor, Direct) if c is not Floor or tools.have("floor_relay.cpp")}
