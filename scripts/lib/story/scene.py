"""The sample clinics behind pgward, and the two ways to talk to them: psql and a driver."""
import os, shlex, subprocess

import psycopg

import clinic
from throwaway.process import run
from throwaway.proxy import binary, new_password

PATIENTS_PER_CLINIC = 2000


class Scene:
    def __init__(self, stage):
        self.stage, password = stage, new_password()
        self.upstream_password = password
        self.cluster = stage.cluster()
        clinic.load(self.cluster, password, PATIENTS_PER_CLINIC)
        self.proxy = stage.proxy(self.cluster, databases=[clinic.DATABASE], policy=clinic.POLICY,
                                 upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
        self.tokens = {c.name: self.proxy.token(c.claims, subject=f"nurse@{c.name.lower()}.test", ttl="480m")
                       for c in clinic.CLINICS}

    def connect(self, of):
        return psycopg.connect(**self.proxy.conninfo(self.tokens[of.name]), autocommit=True)

    def direct(self, user="postgres", password=None):
        return self.cluster.connect(clinic.DATABASE, user, password)

    def direct_rows(self, sql):
        with self.direct() as c:
            return c.execute(sql).fetchall()

    def psql(self, of, sql):
        """(exit status, what the terminal would show)."""
        settings = self.proxy.conninfo(self.tokens[of.name])
        return self._psql(settings, sql)

    def psql_direct(self, sql):
        """Without pgward, as the superuser: from others row-level security would hide part of an error."""
        return self._psql({"host": self.cluster.host, "port": self.cluster.port, "user": "postgres",
                           "password": self.cluster.password, "dbname": clinic.DATABASE}, sql)

    def _psql(self, settings, sql):
        names = {"dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT"}
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            names.get(k, "PG" + k.upper()): str(v) for k, v in settings.items()}
        done = subprocess.run(["psql", "-X", "-P", "footer=off", "-v", "VERBOSITY=verbose", "-c", sql], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        # The server's own source file and line mean nothing to a reader of the story.
        lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("LOCATION:")]
        return done.returncode, "\n".join(lines)

    def explain(self, of, sql):
        claims = [a for k, v in of.claims.items() for a in ("--claim", f"{k}={v}")]
        return run([binary(), "explain", "--config", self.proxy.config_file, "--database", clinic.DATABASE,
                    "--role", "clinician", *claims, sql])

    def audit(self, command, directory, *more):
        done = subprocess.run([binary(), "audit", command, directory, *more], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def connection_string(self, of):
        settings = self.proxy.conninfo(self.tokens[of.name])
        return "psql " + shlex.quote(" ".join(f"{k}={v}" for k, v in settings.items() if k != "connect_timeout"))
