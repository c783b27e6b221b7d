"""PostgreSQL's own regression suite, each file through psql on both sides, the outputs compared.

Not against the expected files: those are of another minor version, and another psql verbosity. What the server
itself answers here is what is expected.
"""
import re, shutil, subprocess
from pathlib import Path

import cache, compare
from sides import SUPERUSER

TIMEOUT_S = 240
# Files that say different things in two runs on the same server, or that need a server of another build.
UNSTEADY = {"tablespace": "moves files below the server's own directory", "stats": "waits for statistics of other sessions",
            "random": "random numbers", "sysviews": "counts what the server does at that moment"}


def source():
    return next(iter(sorted(cache.PLACE.glob("postgresql-15*/src/test/regress"))), None)


def prepare(sides):
    """The C functions that the suite loads; every side's own place for files."""
    libraries = cache.PLACE / "regress-lib"
    if not (libraries / "regress.so").exists():
        libraries.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-O1", "-I/usr/include/postgresql/15/server", "-o", libraries / "regress.so",
                        source() / "regress.c"], check=True)
        for name in ("refint.so", "autoinc.so"):
            shutil.copy(f"/usr/lib/postgresql/15/lib/{name}", libraries)
    for side in sides:
        place = side.stage.home / "regress"
        shutil.copytree(source(), place / "source")
        shutil.copytree(libraries, place / "lib")
        subprocess.run(["chmod", "-R", "a+rwX", place], check=True)
        with side.cluster.connect() as connection:
            for name, value in (("lc_messages", "C"), ("lc_monetary", "C"), ("lc_numeric", "C"), ("lc_time", "C"), ("bytea_output", "hex"),
                                ("timezone_abbreviations", "Default")):
                connection.execute(f"ALTER DATABASE regression SET {name} TO '{value}'")


def names(patterns):
    """In the order of the suite's schedule; one after another, because two sides must see the same order."""
    found = []
    for line in (source() / "parallel_schedule").read_text().splitlines():
        if line.startswith("test:"):
            found += line.split()[1:]
    wanted = {p.removeprefix("regress/") for p in patterns if p.startswith("regress/")} - {""}
    return [n for n in found if n not in UNSTEADY and (not wanted or n in wanted or n in ("test_setup", "create_index"))]


def run(name, side):
    place = side.stage.home / "regress"
    env = side.env(SUPERUSER, "regression") | {
        "PG_ABS_SRCDIR": str(place / "source"), "PG_ABS_BUILDDIR": str(place / "source"), "PG_LIBDIR": str(place / "lib"), "PG_DLSUFFIX": ".so",
        "PGTZ": "PST8PDT", "PGDATESTYLE": "Postgres, MDY", "PGOPTIONS": "-c intervalstyle=postgres_verbose", "PGAPPNAME": f"pg_regress/{name}"}
    argv = ["psql", "-X", "-a", "-q", "-v", "HIDE_TABLEAM=on", "-v", "HIDE_TOAST_COMPRESSION=on", "-v", "VERBOSITY=verbose",
            "-f", place / "source" / "sql" / f"{name}.sql"]
    try:
        done = subprocess.run(argv, env=env, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
        text = done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        text = (late.stdout or b"").decode("utf-8", "replace") + "\ntimed out\n"
    text = re.sub(r"^psql:\S+?:(\d+): ", r"psql:\1: ", side.hide(text), flags=re.MULTILINE)
    return re.sub(r"(actual time|Execution Time|Planning Time|Memory|Memory Usage)[:=] ?[\d.]+(\.\.[\d.]+)?", r"\1", text)


ISOLATION = Path("/usr/lib/postgresql/15/lib/pgxs/src/test/isolation/isolationtester")
# Wait for what the server does in its own time.
UNSTEADY_SPECS = {"timeouts", "stats", "prepared-transactions", "prepared-transactions-cic", "index-only-bitmapscan"}


def specs(patterns):
    """Of the isolation suite: several sessions each, whose waits for each other it sees by their process numbers."""
    if not ISOLATION.exists():
        return []
    wanted = {p.removeprefix("isolation/") for p in patterns if p.startswith("isolation/")} - {""}
    schedule = (source().parent / "isolation" / "isolation_schedule").read_text()
    return [n for n in re.findall(r"^test: (\S+)", schedule, re.MULTILINE) if n not in UNSTEADY_SPECS and (not wanted or n in wanted)]


def run_spec(name, side):
    env = side.env(SUPERUSER, "restored")
    with open(source().parent / "isolation" / "specs" / f"{name}.spec") as spec:
        done = subprocess.run([ISOLATION, "dbname=restored"], env=env, stdin=spec, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
    return side.hide(done.stdout.decode("utf-8", "replace"))


def verdict(direct, through):
    return compare.texts(direct, through)
