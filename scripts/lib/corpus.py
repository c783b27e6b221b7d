"""Sets up what a measuring suite needs and runs its runner against pgward.

  corpus isolation     isolation under differential test, the oracle is row-level security
  corpus drivers       its ordinary statements through psycopg2 and psycopg 3
  corpus sqlsmith      random queries that sqlsmith makes against the oracle, replayed through pgward
  corpus plans         the plans of its ordinary statements, beside those of row-level security alone
  corpus touches       its ordinary statements, and whether the audit trail names what each of them touched
  corpus scrub-errors  data values in errors and notices
  corpus scrub-logs    data values in log lines, through `pgward scrub`

Arguments after -- go to the runner. --dir is the place of the cases; it may also hold a schema, a policy
source or a runner of its own, each of which is then used instead of the public one. The public suites are looked
for in ../shared/corpus, or where PGWARD_CORPUS says. --direct measures the server without pgward (a check of
the stick). The exit status is the runner's: 0 all passed, 1 something failed.
"""
import argparse, contextlib, os, shlex, subprocess, sys, time
from pathlib import Path

import psycopg2
import yaml

import corpus_alone, corpus_plans, corpus_policy, corpus_sqlsmith, corpus_touches
from throwaway import Stage, command_line, process
from throwaway.process import Failed
from throwaway.proxy import AUDIENCE, ISSUER, binary

TOP = Path(__file__).resolve().parents[2]
PUBLIC = Path(os.environ.get("PGWARD_CORPUS", TOP.parent / "shared" / "corpus"))
PYTHON = "/usr/bin/python3"


def arguments():
    parser = argparse.ArgumentParser(prog="corpus", usage="%(prog)s SUITE [options] [-- ARGUMENTS OF THE RUNNER]", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=["isolation", "drivers", "sqlsmith", "plans", "touches", "scrub-errors", "scrub-logs"])
    parser.add_argument("--dir", type=Path, help="place of the cases (default: the public ones)")
    parser.add_argument("--mode", choices=["predicate", "rls+predicate"], default="predicate",
                        help="isolation: with row-level security below the predicates, or without")
    parser.add_argument("--keys", action="store_true", help="isolation, drivers, sqlsmith: every table says `keys: add`")
    parser.add_argument("--queries", type=int, default=2000, help="sqlsmith: how many for each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="sqlsmith: of its random numbers")
    parser.add_argument("--direct", action="store_true", help="without pgward, straight to the server")
    parser.add_argument("--keep-log", type=Path, metavar="DIR", help="copy pgward's log and audit trail there")
    return command_line.parse(parser, "arguments")


class Suite:
    """Where the files of a suite are: in --dir if they are there, else the public ones."""

    def __init__(self, name, own):
        self.public, self.own = PUBLIC / name, own.resolve() if own else None
        if not self.public.is_dir() and not self.own:
            raise Failed(f"no suite at {self.public}; PGWARD_CORPUS names the directory that holds {name}/")

    def find(self, name):
        own = self.own / name if self.own else None
        return own if own and own.exists() else self.public / name


def runner_environment(**more):
    return {k: v for k, v in os.environ.items() if not k.startswith("PG") or k.startswith("PGWARD")} | {
        "PYTHONDONTWRITEBYTECODE": "1"} | more


def keys_of(admin):
    with contextlib.closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
        return corpus_policy.keys_of(cursor)


def isolation_databases(stage, options, suite):
    """The oracle's and the target's connection strings, the target's credentials, and the two databases' owner's."""
    cluster = stage.cluster()
    admin = f"host={cluster.host} port={cluster.port} user=postgres password={cluster.password}"
    target = {"predicate": "ehr_plain", "rls+predicate": "ehr_target"}[options.mode]
    for database, rls in (("ehr_rls", True), (target, options.mode == "rls+predicate")):
        make = [PYTHON, suite.find("setup.py"), "--admin", f"{admin} dbname=postgres", "--db", database]
        process.run(make + (["--rls"] if rls else []), env=runner_environment())

    credentials = stage.home / "creds.target.yaml"
    if options.direct:
        through = f"host={cluster.host} port={cluster.port} dbname={target} sslmode=require"
        credentials = suite.find("run.py").parent / "creds.oracle.yaml"
    else:
        policy = stage.home / "policy.yaml"
        keys = None
        if options.keys or options.suite == "touches":
            keys = keys_of(f"{admin} dbname={target}")
        text = corpus_policy.translate(yaml.safe_load(suite.find("protected.yaml").read_text()), options.mode, keys, options.keys)
        policy.write_text(text.replace("may: [", "may: [explain, ") if options.suite == "plans" else text)
        proxy = stage.proxy(cluster, databases=[target], policy=policy,
                            upstream_user="ehr_proxy", upstream_password="ehr_proxy-pw")
        tenants = yaml.safe_load(suite.find("tenants.yaml").read_text())["tenants"]
        make = login if options.suite in ("isolation", "drivers") else login_for_hours
        credentials.write_text(yaml.safe_dump({name: make(proxy, name, tenant) for name, tenant in tenants.items()}))
        through = f"host={proxy.host} port={proxy.port} dbname={target} sslmode=require"
    oracle = f"host={cluster.host} port={cluster.port} dbname=ehr_rls"
    return oracle, through, credentials, (f"{admin} dbname=ehr_rls", f"{admin} dbname={target}")


def isolation(stage, options):
    suite = Suite("isolation", options.dir)
    oracle, through, credentials, admins = isolation_databases(stage, options, suite)
    argv = [PYTHON, suite.find("run.py"), "--oracle", oracle, "--target", through, "--target-creds", credentials]
    if options.suite == "drivers":
        argv[1] = suite.find("drivers.py")
    else:
        argv += ["--oracle-admin", admins[0], "--target-admin", admins[1]]
    if suite.own:
        argv += ["--cases", suite.own / "cases" if (suite.own / "cases").is_dir() else suite.own]
    return [argv], runner_environment()


def sqlsmith(stage, options):
    suite = Suite("isolation", options.dir)
    oracle, through, credentials, admins = isolation_databases(stage, options, suite)
    alone = corpus_alone.Alone(suite.find, admins[0].rsplit(" ", 1)[0], PYTHON, runner_environment())
    login = yaml.safe_load(suite.find("creds.oracle.yaml").read_text())["a"]
    env = runner_environment()
    replay = [PYTHON, suite.find("sqlsmith_replay.py"), "--oracle", oracle, "--target", through, "--target-creds", credentials]
    as_tenant = f"{oracle} user={login['user']} password={login['password']}"
    made = [corpus_sqlsmith.queries(as_tenant, options.queries, seed, stage.home, env) for seed in options.seeds]
    return max(corpus_sqlsmith.run(replay + ["--file", file] + options.arguments, env, file, alone) for file in made)


def plans(stage, options):
    suite = Suite("isolation", options.dir)
    options.mode = "rls+predicate"
    oracle, through, credentials, admins = isolation_databases(stage, options, suite)
    for admin in admins:
        with contextlib.closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            connection.commit()
    logins = [yaml.safe_load(file.read_text()) for file in (suite.find("creds.oracle.yaml"), credentials)]
    return corpus_plans.compare(suite.find("cases"), oracle, through, *logins)


def touches(stage, options):
    suite = Suite("isolation", options.dir)
    oracle, through, credentials, admins = isolation_databases(stage, options, suite)
    logins = {"oracle": yaml.safe_load(suite.find("creds.oracle.yaml").read_text()), "target": yaml.safe_load(credentials.read_text())}
    connections = {}

    def connect(side, tenant):
        if (side, tenant) not in connections:
            where, of = oracle if side == "oracle" else through, logins[side][tenant]
            connections[side, tenant] = psycopg2.connect(f"{where} user={of['user']}", password=of["password"])
        return connections[side, tenant]

    with open(suite.find("protected.yaml")) as file:
        protected = {f"{t['schema']}.{t['table']}" for t in yaml.safe_load(file)["tables"]}
    audit = next(stage.home.glob("p[0-9]*")) / "audit"
    keyed = {f"{schema}.{name}" for (schema, name), (record, subject) in keys_of(admins[1]).items() if record or subject}
    return corpus_touches.compare(suite.find("cases"), connect, admins[0], protected, keyed, audit)


def login(proxy, name, tenant):
    """Short-lived tokens, minted when the runner asks for one."""
    claims = " ".join(f"--claim {a}={tenant[a]}" for a in corpus_policy.ATTRIBUTES)
    return {"user": f"ehr_{name}", "cache_seconds": 120, "password_command":
            f"{binary()} token --key {proxy.key} --issuer {ISSUER} --audience {AUDIENCE} "
            f"--subject {name}@throw-away.test --role clinician --ttl 10m {claims} 2>/dev/null"}


def login_for_hours(proxy, name, tenant):
    """For a runner that cannot ask again."""
    claims = {a: tenant[a] for a in corpus_policy.ATTRIBUTES}
    return {"user": f"ehr_{name}", "password": proxy.token(claims, subject=f"{name}@throw-away.test", ttl="700m")}


def scrub_errors(stage, options):
    suite = Suite("scrub", options.dir)
    make_locales()
    cluster = stage.cluster()
    cluster.run_sql("CREATE DATABASE scrubdb")
    # The runner loads this again. It has to be there before: pgward reads the catalog's names when it starts.
    cluster.run_sql(suite.find("schema.sql").read_text(), "scrubdb")
    port, password = cluster.port, "scrub_app_pw"
    if not options.direct:
        policy = stage.home / "policy.yaml"
        policy.write_text("# Nothing refused, nothing filtered: only scrubbing is measured.\n"
                          "version: 1\nmode: predicate\ndefault: allow\nroles:\n  scrub_app: {may: [all]}\n")
        proxy = stage.proxy(cluster, databases=["scrubdb"], policy=policy, upstream_user="scrub_app",
                            upstream_password=password)
        port, password = proxy.plain_port, proxy.token({}, role="scrub_app", ttl="700m")
    argv = [PYTHON, suite.find("score_errors.py"), "--port", port, "--admin-port", cluster.port,
            "--cases", suite.find("cases.json"), "--schema", suite.find("schema.sql")]
    return [argv], runner_environment(SCRUB_PASSWORD=password, SCRUB_ADMIN_PASSWORD=cluster.password)


def scrub_logs(options):
    """A filter needs no server. --dir may hold lines of its own (*.jsonl)."""
    suite = Suite("scrub", options.dir)
    lines = sorted(suite.own.glob("*.jsonl")) if suite.own else []
    command = "cat" if options.direct else f"{shlex.quote(str(binary()))} scrub"
    return [PYTHON, suite.find("score_logs.py"), "--lines", *(lines or [suite.find("lines.jsonl")]), "--cmd", command,
            *options.arguments], runner_environment()


def make_locales():
    """Some cases are about messages in other languages; without these locales the runner skips them."""
    have = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower().replace("-", "")
    for name in ("de_DE", "fr_FR", "ja_JP", "ru_RU"):
        if f"{name.lower()}.utf8" not in have and os.geteuid() == 0:
            subprocess.run(["localedef", "-i", name, "-f", "UTF-8", f"{name}.UTF-8"], stderr=subprocess.DEVNULL)


def run(argv, env):
    child = subprocess.Popen([str(a) for a in argv], env=env)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def keep_logs(stage, place):
    place.mkdir(parents=True, exist_ok=True)
    for home in stage.home.glob("p[0-9]*"):
        subprocess.run(["cp", "-r", home / "pgward.log", home / "audit", stage.home / "server.log", place])


def main():
    options = arguments()
    if options.suite == "scrub-logs":
        return run(*scrub_logs(options))
    started = time.monotonic()
    with Stage() as stage:
        if options.suite == "plans":
            return plans(stage, options)
        if options.suite == "touches":
            return touches(stage, options)
        if options.suite == "sqlsmith":
            status = sqlsmith(stage, options)
        else:
            runs, env = (scrub_errors if options.suite == "scrub-errors" else isolation)(stage, options)
            print(f"corpus: ready after {time.monotonic() - started:.0f} s", file=sys.stderr)
            status = max(run(argv + options.arguments, env) for argv in runs)
        if options.keep_log:
            keep_logs(stage, options.keep_log)
        return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"corpus: {error}")
