"""A PostgreSQL cluster of our own: fresh, TLS, SCRAM, on a free port of 127.0.0.1 and a socket in its directory."""
import contextlib, os, secrets, shutil, signal, socket, time
from pathlib import Path

import psycopg

from throwaway import certificates
from throwaway.process import Failed, run, start, stop, tail

# Debian keeps the servers out of PATH. PG_BINDIR names another version's.
BINARIES = Path(os.environ.get("PG_BINDIR", "/usr/lib/postgresql/15/bin"))


class Cluster:
    def __init__(self, home, fsync=False, settings=None, lives_on=False, method="scram-sha-256", binaries=BINARIES):
        self.home, self.fsync, self.settings, self.lives_on = home, fsync, settings or {}, lives_on
        self.method = method  # how clients log in by TCP (pg_hba.conf)
        self.binaries = binaries
        self.host, self.port = "127.0.0.1", 0
        self.password = secrets.token_urlsafe(18)  # of the superuser postgres
        self.sockets, self.ca = home / "s", home / "ca.crt"
        # The server refuses to run as root.
        self.owner = "postgres" if os.geteuid() == 0 else None
        self.process = None

    def start(self):
        self._initialise()
        for _ in range(5):  # between choosing a port and using it somebody else may take it
            self.port = free_port()
            if self._run():
                return self
            if "Address already in use" not in tail(self.log):
                break
        raise Failed(f"PostgreSQL did not start:\n{tail(self.log)}")

    def start_again(self):
        """With the same data on the same port."""
        if not self._run():
            raise Failed(f"PostgreSQL did not start again:\n{tail(self.log)}")

    def _run(self):
        self.process = start([self.binaries / "postgres", "-D", self.data, "-p", str(self.port)], self.log,
                             user=self.owner, lives_on=self.lives_on, death_signal=signal.SIGINT)
        return self._ready()

    def stop(self):
        if self.process:
            stop(self.process, signal.SIGINT)  # "fast": ends sessions, leaves a clean cluster

    def connect(self, database="postgres", user="postgres", password=None, **more):
        """Directly, as the superuser unless told otherwise."""
        more.setdefault("autocommit", True)
        return psycopg.connect(self.conninfo(database, user, password), **more)

    def conninfo(self, database="postgres", user="postgres", password=None):
        return psycopg.conninfo.make_conninfo(host=self.host, port=self.port, dbname=database, user=user,
                                              password=password or self.password, connect_timeout=10)

    def run_sql(self, text, database="postgres"):
        with self.connect(database) as connection:
            connection.execute(text)

    @property
    def data(self):
        return self.home / "data"

    @property
    def log(self):
        return self.home / "server.log"

    def _initialise(self):
        certificate, key = certificates.make_certificate(self.home, "server")
        for name, mode in (("data", 0o700), ("s", 0o755)):
            (self.home / name).mkdir(mode=mode)
        self.log.touch()
        first = self.home / "first-password"
        first.write_text(self.password)
        if self.owner:
            for path in (self.data, self.sockets, self.log, first, key):
                shutil.chown(path, self.owner, self.owner)
        run([self.binaries / "initdb", "-D", self.data, "-U", "postgres", "--pwfile", first, "-A", "scram-sha-256",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"], user=self.owner, cwd="/")
        first.unlink()
        self._configure(certificate, key)

    def _configure(self, certificate, key):
        settings = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": self.sockets, "ssl": "on",
            "ssl_cert_file": certificate, "ssl_key_file": key, "password_encryption": "scram-sha-256",
            "max_connections": "100", "max_prepared_transactions": "10", "shared_buffers": "64MB",
            "shared_preload_libraries": "pg_stat_statements", "log_line_prefix": "%m [%p] "}
        if not self.fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= self.settings
        with open(self.data / "postgresql.conf", "a") as f:
            f.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.data / "pg_hba.conf").write_text(
            f"local all all scram-sha-256\nhost all all 127.0.0.1/32 {self.method}\n")

    def _ready(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self.connect().close()
                return True
            time.sleep(0.02)
        stop(self.process, signal.SIGQUIT)
        return False


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]
