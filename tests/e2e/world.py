"""What the end-to-end tests share: the sample clinics behind one pgward, and ways to talk to both."""
import contextlib, hashlib, json, os, pathlib, subprocess, time, unittest

import psycopg

import clinic
from clinic import ALDER, BIRCH, CEDAR, CLINICS  # noqa: F401
from throwaway import Stage
from throwaway.proxy import new_password
from throwaway.wire import Wire

PER_CLINIC = 60
_here = None


class World:
    def __enter__(self):
        global _here
        self._exits = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            self.stage = stack.enter_context(Stage())
            self.cluster = self.stage.cluster()
            self.upstream_password = new_password()
            clinic.load(self.cluster, self.upstream_password, PER_CLINIC)
            self.tokens = {}
            self.proxy = self.new_proxy().start()
            self._exits = stack.pop_all()
        _here = self
        return self

    def __exit__(self, *error):
        self._exits.__exit__(*error)

    def new_proxy(self, policy=clinic.POLICY, **options):
        """One more, for tests that break or stop it. Not started."""
        return self.stage.new_proxy(self.cluster, databases=[clinic.DATABASE], policy=policy, **{
            "upstream_user": clinic.UPSTREAM_USER, "upstream_password": self.upstream_password} | options)


def here():
    return _here


def token(of=ALDER, role="clinician", proxy=None, **options):
    proxy = proxy or _here.proxy
    key = (proxy.home, of.name, str(role), str(options))
    if key not in _here.tokens:
        _here.tokens[key] = proxy.token(of.claims, role=role, subject=f"dev@{of.name.lower()}.test", **options)
    return _here.tokens[key]


def connect(of=ALDER, role="clinician", proxy=None, **more):
    """psycopg 3, through pgward, autocommit unless told otherwise."""
    proxy = proxy or _here.proxy
    more.setdefault("autocommit", True)
    more.setdefault("password", token(of, role, proxy))
    password = more.pop("password")
    return psycopg.connect(**(proxy.conninfo(password, user=role) | more))


def wire(of=ALDER, port=None, tls=True, proxy=None):
    """Message by message; not logged in yet."""
    proxy = proxy or _here.proxy
    return Wire(proxy.host, port or proxy.port, proxy.ca if tls else None)


def direct():
    """To the server itself, as its superuser."""
    return _here.cluster.connect(clinic.DATABASE)


def direct_value(sql):
    with direct() as connection:
        return connection.execute(sql).fetchone()[0]


def psql(sql, of=ALDER, options=(), **conninfo):
    settings = _here.proxy.conninfo(token(of)) | conninfo
    names = {"dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT"}
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
        names.get(k, "PG" + k.upper()): str(v) for k, v in settings.items()}
    return subprocess.run(["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", *options], input=sql, env=env,
                          capture_output=True, text=True, timeout=60)


def records(directory=None, type=None):
    """Whole lines of the audit trail, in order."""
    found = []
    for path in sorted(pathlib.Path(directory or _here.proxy.audit).glob("*.jsonl")):
        for line in path.read_bytes().replace(b"\0", b"").split(b"\n"):
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return [r for r in found if type in (None, r.get("type"))]


def sha256(sql):
    return hashlib.sha256(sql.encode()).hexdigest()


def recorded(sql, directory=None):
    """Every run of this text that the trail tells of: its intent, or the record of what it read, with "like" resolved."""
    told = {}
    runs = []
    for r in records(directory):
        if r.get("type") in ("stmt.intent", "stmt.read"):
            whole = told.get((r["session"], r["like"]), {}) if "like" in r else r
            told[r["session"], r["statement"]] = whole
            runs.append(whole | r)
    return [r for r in runs if r.get("sql", {}).get("sha256") == sha256(sql)]


def eventually(condition, seconds=10):
    """What another process does in its own time. Never a substitute for an order that is promised."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            return value
        time.sleep(0.01)
    return value


def all_text(error):
    """Everything of an error that reached the client. Not str(error): libpq adds a line of the client's own text."""
    fields = [getattr(error.diag, n) for n in dir(error.diag) if not n.startswith("_")]
    return " ".join(str(f) for f in fields if f) or str(error)


class Case(unittest.TestCase):
    longMessage = True
    maxDiff = 2000

    @contextlib.contextmanager
    def refused(self, *sqlstates):
        """The body must fail with one of these SQLSTATEs (or their beginnings). Gives the error as `.error`."""
        caught = type("Caught", (), {"error": None})()
        try:
            yield caught
        except psycopg.Error as error:
            caught.error = error
            state = error.sqlstate or ""
            self.assertTrue(not sqlstates or state.startswith(sqlstates), f"SQLSTATE {state!r}: {error}")
            return
        self.fail(f"was not refused; {sqlstates} expected")

    def log_in_refused(self, *sqlstates, password=None, user="clinician", database=clinic.DATABASE, tls=True, proxy=None, **parameters):
        """The log-in must fail so. Gives all the text that came back. (libpq keeps no SQLSTATE of a failed log-in.)"""
        with wire(tls=tls, proxy=proxy) as w:
            error = w.log_in(user, token() if password is None else password, database, **parameters)
        self.assertIsNotNone(error, "was let in")
        self.assertTrue(error.get("C", "").startswith(sqlstates), error)
        return " ".join(v for k, v in sorted(error.items()) if k not in "FLR")

    def assert_bound(self, connection, to=ALDER):
        """Whatever happened before, the session still sees the rows of its clinic and no others."""
        marks = {row[0][:3] for row in connection.execute("SELECT mrn FROM patients")}
        self.assertEqual(marks, {to.mark})
