"""Runs a command against a throw-away PostgreSQL through a throw-away pgward, and passes its exit status on.

  with-pgward -- psql -c 'SELECT count(*) FROM patients'      sample clinics, their policy, RLS
  with-pgward --policy empty -- pgbench -i                    nothing protected: for measuring
  with-pgward --policy F --init schema.sql -- COMMAND         your own database and policy

The command finds pgward in PGHOST, PGPORT, PGUSER, PGPASSWORD (a token), PGDATABASE, PGSSLMODE and PGSSLROOTCERT,
and the server itself, as its superuser, in DIRECT_PG*. Also set: PGWARD_PLAIN_PORT (a loopback listener without
TLS), PGWARD_PID, POSTGRES_PID, PGWARD_CONFIG, PGWARD_AUDIT, PGWARD_LOG, PGWARD_KEY, PGWARD_BIN; UPSTREAM_PGUSER and
UPSTREAM_PGPASSWORD are what pgward itself logs in with, for a comparison without superuser rights.
"""
import argparse, os, signal, subprocess, sys
from pathlib import Path

import yaml

import clinic
from throwaway import Stage, command_line
from throwaway.process import Failed
from throwaway.proxy import AUDIENCE, ISSUER, binary, new_password, policy_with_mode


def arguments():
    parser = argparse.ArgumentParser(prog="with-pgward", usage="%(prog)s [options] -- COMMAND", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, help="pgward configuration; its listeners, certificates, upstream "
                        "address, issuers and audit directory are replaced by the throw-away ones")
    parser.add_argument("--policy", help="policy file, or the word empty (default: the sample clinics)")
    parser.add_argument("--mode", choices=["predicate", "rls+predicate"], help="instead of the policy's own")
    parser.add_argument("--init", action="append", type=Path, default=[], metavar="SQL",
                        help="SQL file to run as superuser in the database before pgward starts")
    parser.add_argument("--claim", action="append", default=[], metavar="K=V",
                        help="claim of the token (default: those of the first sample clinic)")
    parser.add_argument("--role", default="clinician")
    parser.add_argument("--fsync", action="store_true", help="durable server (default: fsync off)")
    return command_line.parse(parser, "command", required=True)


def own_policy(options, base):
    """The policy the caller asked for, or None for the sample's."""
    if options.policy == "empty":
        return "empty"
    if options.policy:
        return Path(options.policy).resolve()
    named = base.get("policy")
    return named if named in (None, "empty") else (options.config.parent / named).resolve()


def upstream_database(cluster, options, sample, password):
    if sample:
        clinic.load(cluster, password, rls=options.mode != "predicate")
    else:
        # As its owner, so that a command such as `pgbench -i` can make tables of its own.
        cluster.run_sql(f"CREATE ROLE {clinic.UPSTREAM_USER} LOGIN PASSWORD '{password}'")
        cluster.run_sql(f"CREATE DATABASE {clinic.DATABASE} OWNER {clinic.UPSTREAM_USER}")
    for path in options.init:
        cluster.run_sql(path.read_text(), clinic.DATABASE)


def environment(cluster, proxy, options, password):
    claims = dict(c.split("=", 1) for c in options.claim) or clinic.ALDER.claims
    token = proxy.token(claims, role=options.role, ttl="700m")
    pg = {"HOST": proxy.host, "PORT": proxy.port, "USER": options.role, "PASSWORD": token,
          "DATABASE": clinic.DATABASE, "SSLMODE": "verify-full", "SSLROOTCERT": proxy.ca}
    direct = {"HOST": cluster.host, "PORT": cluster.port, "USER": "postgres", "PASSWORD": cluster.password,
              "DATABASE": clinic.DATABASE, "SSLMODE": "verify-full", "SSLROOTCERT": cluster.ca}
    mine = {f"PG{k}": v for k, v in pg.items()} | {f"DIRECT_PG{k}": v for k, v in direct.items()} | {
        "PGWARD_PLAIN_PORT": proxy.plain_port, "PGWARD_PID": proxy.process.pid, "PGWARD_CONFIG": proxy.config_file,
        "POSTGRES_PID": cluster.process.pid,
        "PGWARD_AUDIT": proxy.audit, "PGWARD_LOG": proxy.log, "PGWARD_KEY": proxy.key, "PGWARD_BIN": binary(),
        "PGWARD_ISSUER": ISSUER, "PGWARD_AUDIENCE": AUDIENCE,
        "UPSTREAM_PGUSER": clinic.UPSTREAM_USER, "UPSTREAM_PGPASSWORD": password}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "DIRECT_PG")) or k.startswith("PGWARD")}
    return kept | {k: str(v) for k, v in mine.items()}


def run_command(command, env):
    child = subprocess.Popen(command, env=env)
    try:
        # Ctrl-C reaches the command as well; what it makes of it is its own affair.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = child.wait()
        return status if status >= 0 else 128 - status
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def main():
    options = arguments()
    base = yaml.safe_load(options.config.read_text()) if options.config else {}
    policy = own_policy(options, base)
    password = new_password()
    with Stage() as stage:
        cluster = stage.cluster(fsync=options.fsync)
        upstream_database(cluster, options, policy is None, password)
        policy = policy or clinic.POLICY
        if options.mode and policy != "empty":
            policy = policy_with_mode(policy, options.mode, stage.home)
        proxy = stage.proxy(cluster, databases=[clinic.DATABASE], policy=policy, base=base,
                            upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
        return run_command(options.command, environment(cluster, proxy, options, password))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError, yaml.YAMLError) as error:
        sys.exit(f"with-pgward: {error}")
