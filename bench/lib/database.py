"""The database that every contestant serves: pgbench's, and all of its rows belong to tenant 1."""
import os, secrets

from throwaway.cluster import BINARIES
from throwaway.process import run

NAME, USER, SCALE, TENANT = "bench", "bench", 10, "1"

# pgbench_branches is counted by pgbench to learn the scale, so everybody must see all of it.
POLICY = """\
version: 1
mode: predicate
tenant: {claim: bid, setting: app.bid, type: int}
tables:
  pgbench_accounts: {tenant: bid, record: aid, phi: all}
  pgbench_tellers: {tenant: bid, phi: all}
  pgbench_history: {tenant: bid, phi: all}
  pgbench_branches: {shared: read}
roles:
  bench: {may: [select, insert, update, delete]}
"""

FIXED_KEY = "SELECT abalance FROM pgbench_accounts WHERE aid = 4711;\n"


def fill(cluster):
    """One owner for all: pgward refuses to work as a superuser."""
    cluster.bench_password = secrets.token_urlsafe(18)
    cluster.run_sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{cluster.bench_password}'")
    cluster.run_sql(f"CREATE DATABASE {NAME} OWNER {USER}")
    env = dict(os.environ, PGHOST=cluster.host, PGPORT=str(cluster.port), PGUSER=USER, PGDATABASE=NAME,
               PGPASSWORD=cluster.bench_password, PGSSLMODE="disable")
    run([BINARIES / "pgbench", "-i", "-q", "-s", SCALE, "-I", "dtg"], env=env)
    # Full enforcement shows a tenant its own rows only. If they were not all of one tenant, it would look cheap:
    # nine selects of ten would find nothing, and a thousand rows be a hundred.
    for statement in ("UPDATE pgbench_accounts SET bid = 1", "UPDATE pgbench_tellers SET bid = 1"):
        cluster.run_sql(statement, NAME)
    run([BINARIES / "pgbench", "-i", "-q", "-I", "p"], env=env)
    for table in ("pgbench_accounts", "pgbench_tellers"):
        cluster.run_sql(f"VACUUM (FULL, ANALYZE) {table}", NAME)
    cluster.run_sql("CHECKPOINT")


def policy_file(directory):
    path = directory / "policy.yaml"
    path.write_text(POLICY)
    return path


def fixed_key_script(stage):
    path = stage.home / "fixed-key.sql"
    path.write_text(FIXED_KEY)
    path.chmod(0o644)
    return path
