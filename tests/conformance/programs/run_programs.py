"""The programs that are compared, and how one is run on a side."""
import collections, os, re, shutil, signal, subprocess, tempfile
from pathlib import Path

import cache, compare
from sides import SUPERUSER, USER

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 300  # the first run of one builds its driver, too


class Program(collections.namedtuple("Program", "name argv needs user short all_versions server_max")):
    """`needs`: programs and files it cannot run without. `server_max`: newest server it can talk to."""

    def missing(self):
        absent = [n for n in self.needs if not (Path(n).exists() if n.startswith("/") else shutil.which(n))]
        return f"not installed: {', '.join(absent)}" if absent else ""


def program(name, *argv, needs=(), user=USER, short=False, all_versions=False, server_max=99):
    return Program(name, argv, tuple(needs), user, short, all_versions, server_max)


def bash(script, *arguments):
    return "bash", str(HERE / script), *arguments


def python(name, script, *arguments, module=None, **more):
    found = f"/usr/lib/python3/dist-packages/{module or script.removesuffix('_')}"
    return program(name, "/usr/bin/python3", str(HERE / "python" / f"{script}.py"), *arguments, needs=[found], **more)


def node(name, script, package, **more):
    return program(name, "node", str(HERE / "node" / f"{script}.js"), needs=["node", str(cache.node_modules() / package)], **more)


LIBPQ_18 = cache.place_of("18") / "package" / "native" / "lib"
JDBC = "/usr/share/java/postgresql.jar"
POOL = [f"/usr/share/java/{name}.jar" for name in ("HikariCP", "slf4j-api", "slf4j-nop")]
PROGRAMS = [
    program("psql/describe", *bash("psql/run.sh", "describe"), needs=["psql"], short=True, all_versions=True),
    program("psql/work", *bash("psql/run.sh", "work"), needs=["psql"], short=True, all_versions=True),
    program("tools/connect", *bash("tools/connect.sh"), needs=["psql"], all_versions=True),
    program("tools/admin", *bash("tools/admin.sh"), needs=["psql", "/usr/lib/postgresql/15/bin/pg_amcheck"], user=SUPERUSER),
    program("tools/replication", *bash("tools/replication.sh"), needs=["pg_basebackup"]),
    program("dump/plain", *bash("dump/plain.sh"), needs=["pg_dump"], short=True, server_max=15),
    program("dump/round trip", *bash("dump/round_trip.sh"), needs=["pg_dump"], server_max=15),
    program("dump/all", *bash("dump/all.sh"), needs=["pg_dumpall"], user=SUPERUSER, server_max=15),
    program("pgbench", *bash("pgbench/run.sh"), needs=["pgbench"], all_versions=True),
    python("python/psycopg 3", "psycopg3", module="psycopg", short=True, all_versions=True),
    python("python/psycopg 2", "psycopg2_", short=True, all_versions=True),
    python("python/asyncpg", "asyncpg_"),
    python("python/pg8000", "pg8000_"),
    python("python/ODBC", "odbc", module="pyodbc.pyi"),
    python("orm/SQLAlchemy, psycopg 2", "sqlalchemy_", "psycopg2"),
    python("orm/Django", "django_"),
    node("node/pg, cursors, streams, copies", "pg", "pg", all_versions=True),
    node("node/postgres.js", "postgresjs", "postgres"),
    node("orm/Knex", "knex", "knex"),
    node("orm/Sequelize", "sequelize", "sequelize"),
    node("orm/TypeORM", "typeorm", "typeorm"),
    node("orm/Prisma", "prisma", "@prisma/adapter-pg"),
    program("java/JDBC", "java", "-cp", JDBC, str(HERE / "java" / "Jdbc.java"), needs=["java", JDBC], all_versions=True),
    program("java/HikariCP", "java", "-cp", ":".join([JDBC, *POOL]), str(HERE / "java" / "Pool.java"), needs=["java", JDBC, *POOL]),
    program("pools/PgBouncer", *bash("pools/pgbouncer.sh"), needs=["pgbouncer", "pgbench"]),
    program("pools/foreign tables", *bash("pools/fdw.sh"), needs=["psql", "/usr/share/postgresql/15/extension/postgres_fdw.control"], user=SUPERUSER),
    program("go/lib pq", *bash("go/run.sh", "pq"), needs=["go", "/usr/share/gocode/src/github.com/lib/pq"]),
    program("go/pgx", *bash("go/run.sh", "pgx"), needs=["go", "/usr/share/gocode/src/github.com/jackc/pgx"]),
    program("rust/tokio-postgres", *bash("rust/run.sh"), needs=["/usr/bin/cargo", *(f"/usr/share/doc/librust-{n}-dev" for n in ("tokio-postgres", "tokio-openssl"))]),
    program("perl/DBD::Pg", "perl", str(HERE / "perl" / "dbd.pl"), needs=["perl", "/usr/share/doc/libdbd-pg-perl"]),
    program("php", "php", "-d", "display_errors=0", str(HERE / "other" / "php.php"), needs=["php", "/usr/share/doc/php8.2-pgsql"]),
    program("ruby", "ruby", str(HERE / "other" / "ruby.rb"), needs=["ruby", "/usr/share/doc/ruby-pg"]),
    program("libpq_pipeline", *bash("other/libpq_pipeline.sh"), needs=["gcc", *map(str, cache.PLACE.glob("postgresql-15*/src/test/modules/libpq_pipeline"))] or ["sources of postgresql-15"],
            user=SUPERUSER),
    program("libpq/of 15", *bash("other/libpq.sh"), needs=["gcc", "/usr/include/postgresql/libpq-fe.h"], all_versions=True),
    program("libpq/of 18", *bash("other/libpq.sh", str(LIBPQ_18)), needs=["gcc", str(LIBPQ_18)], all_versions=True),
    program("libpqxx", *bash("other/pqxx.sh"), needs=["g++", "/usr/share/doc/libpqxx-dev"]),
]


def chosen(options, version):
    for one in PROGRAMS:
        if options.short and not one.short or options.server_version and not one.all_versions:
            continue
        if version <= one.server_max and (not options.patterns or any(p in one.name for p in options.patterns)):
            yield one


def run(one, side, keep=None):
    """What it printed, without what must differ."""
    with tempfile.TemporaryDirectory(prefix="pgward-program-", dir="/tmp") as scratch:
        env = side.env(one.user) | {"HERE": str(HERE), "HOME": scratch, "TMPDIR": scratch,
                                    "NODE_PATH": str(cache.node_modules()), "CACHE": str(cache.PLACE), "SCRATCH": scratch}
        # A session of its own: what it started ends with it, and an open end of its pipe does not keep us waiting.
        child = subprocess.Popen(one.argv, env=env, cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        try:
            text, end = child.communicate(timeout=TIMEOUT_S)[0], "exit status"
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text, end = child.communicate()[0], "timed out; status"
        except BaseException:  # we are interrupted: it must not outlive its directory
            os.killpg(child.pid, signal.SIGKILL)
            raise
        text = text.decode("utf-8", "replace") + f"\n{end} {child.returncode}\n"
        side.tidy()
        text = normalised(side.hide(text).replace(scratch, "<scratch>"))
    if keep:
        place = keep / side.kind / f"{one.name.replace('/', '_')}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return text


CHANGING = [(re.compile(pattern, re.MULTILINE), becomes) for pattern, becomes in (
    (r"^Time: .*$", "Time: <time>"),
    (r"^\\(un)?restrict .*$", r"\\\1restrict"),
    (r"^\w{3} +\d+ \w{3} +\d{4} .*\(every [^)]*\)|^\w{3} \w{3} +\d+ .*\(every [^)]*\)", "<time>"),
    (r"\(node:\d+\)", "(node)"),
    (r"PID \d+", "PID <pid>"),
    (r"\b0x[0-9a-f]{6,}", "0x"),
)]


def normalised(text):
    for pattern, becomes in CHANGING:
        text = pattern.sub(becomes, text)
    return text


def verdict(one, direct, through):
    if not direct.rstrip().endswith("exit status 0"):
        # Nothing is compared when the program does not even work directly.
        return "differs", [("the program itself fails: " + direct[-1500:], "")]
    return compare.texts(direct, through)
