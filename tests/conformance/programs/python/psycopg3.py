import asyncio, datetime, decimal, logging, threading, uuid

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from common import FAILING, STATEMENTS, say, tell


def failed(e):
    tell(e, e.sqlstate, e)
    say(e.diag.severity_nonlocalized, e.diag.statement_position, e.diag.source_function)


def statements(connection, **how):
    for sql, parameters in STATEMENTS:
        with connection.cursor(**{k: v for k, v in how.items() if k != "prepare"}) as cursor:
            cursor.execute(sql, parameters, prepare=how.get("prepare"))
            say(cursor.statusmessage, cursor.rowcount, [(c.name, c.type_code, c.precision, c.internal_size) for c in cursor.description or ()])
            for row in cursor.fetchall() if cursor.description else ():
                say(" ", row)
    for sql in FAILING:
        try:
            connection.execute(sql, prepare=how.get("prepare"))
        except psycopg.Error as e:
            failed(e)


def special(c):
    say(c.info.server_version, c.info.encoding, c.info.parameter_status("standard_conforming_strings"), c.info.backend_pid > 0)
    say(c.execute("SELECT pg_backend_pid() = %s", [c.info.backend_pid]).fetchone())
    values = [uuid.UUID(int=7), datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc), decimal.Decimal("1.10"), [1, 2, None],
              Jsonb({"a": [1]}), b"\0\xff", datetime.timedelta(days=3, microseconds=5), True]
    for value in values:
        for spot in ("%s", "%b", "%t"):
            try:
                say(c.execute(f"SELECT {spot}", [value]).fetchone())
            except psycopg.Error as e:
                failed(e)
    with c.cursor() as cursor:
        cursor.executemany("INSERT INTO scratch VALUES (%s, %s) RETURNING a", [(n, f"many {n}") for n in range(50)], returning=True)
        say(cursor.fetchone(), cursor.rowcount)
        with cursor.copy("COPY scratch FROM STDIN") as copy:
            for n in range(500):
                copy.write_row((n, f"copied\t{n}"))
        say(cursor.rowcount)
        with cursor.copy("COPY scratch (a, b) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            for n in range(50):
                copy.write_row((n, None))
        try:
            with cursor.copy("COPY scratch FROM STDIN") as copy:
                copy.write_row((1, "x"))
                raise ValueError("given up")
        except psycopg.Error as e:
            failed(e)
        except ValueError as e:
            say(type(e).__name__)
        with cursor.copy("COPY (SELECT * FROM scratch ORDER BY a, b) TO STDOUT") as copy:
            say(len(list(copy.rows())))
        try:
            with cursor.copy("COPY scratch FROM STDIN") as copy:
                copy.write("x\ty\n")
        except psycopg.Error as e:
            failed(e)
    c.execute("TRUNCATE scratch")


def pipelines(c):
    with c.pipeline() as p:
        cursors = [c.execute("SELECT %s::int", [n]) for n in range(30)]
        p.sync()
        say([cursor.fetchone() for cursor in cursors])
    try:
        with c.pipeline():
            a = c.execute("SELECT 1")
            b = c.execute("SELECT 1/0")
            d = c.execute("SELECT 3")
            say(a.fetchone(), b.fetchone(), d.fetchone())
    except psycopg.Error as e:
        failed(e)
    with c.transaction(), c.pipeline():
        c.execute("INSERT INTO scratch VALUES (1, 'p')")
        say(c.execute("SELECT count(*) FROM scratch").fetchone())
    c.execute("TRUNCATE scratch")


def cursors(c):
    with c.transaction():
        with c.cursor("named") as cursor:
            cursor.execute("SELECT g FROM generate_series(1, 100) g")
            say(cursor.fetchmany(3), cursor.fetchone(), len(cursor.fetchall()))
        with c.cursor("scrolled", scrollable=True, withhold=True, binary=True) as cursor:
            cursor.execute("SELECT id, name FROM items ORDER BY id")
            cursor.scroll(10)
            say(cursor.fetchone())
            cursor.scroll(-5)
            say(cursor.fetchone())
    with c.cursor() as cursor:
        say(list(cursor.stream("SELECT g FROM generate_series(1, 5) g")))


def transactions(c):
    try:
        with c.transaction():
            c.execute("INSERT INTO scratch VALUES (1)")
            with c.transaction() as inner:
                c.execute("INSERT INTO scratch VALUES (2)")
                raise psycopg.Rollback(inner)
        say(c.execute("SELECT array_agg(a) FROM scratch").fetchone())
        with c.transaction():
            c.execute("TRUNCATE scratch")
            c.execute("SELECT 1/0")
    except psycopg.Error as e:
        failed(e)
    say(c.info.transaction_status, c.execute("SELECT count(*) FROM scratch").fetchone())
    c.autocommit = False
    c.tpc_begin(c.xid(1, "conformance", "branch"))
    c.execute("DELETE FROM scratch")
    c.tpc_prepare()
    c.tpc_commit()
    c.autocommit = True
    for level in (1, 2, 3, 4):
        c.isolation_level = level
        with c.transaction():
            say(c.execute("SHOW transaction_isolation").fetchone())
    c.isolation_level = None


def asynchronous(c):
    c.add_notice_handler(lambda d: say("notice", d.severity, d.sqlstate))
    c.execute("SELECT tell('x')")
    c.add_notify_handler(lambda n: say("notified", n.channel, n.payload, n.pid == c.info.backend_pid))
    c.execute("LISTEN here")
    with psycopg.connect(autocommit=True) as other:
        other.execute("NOTIFY here, 'other'")
    c.execute("NOTIFY here, 'self'")
    timer = threading.Timer(0.3, c.cancel)
    timer.start()
    try:
        c.execute("SELECT pg_sleep(20)")
    except psycopg.Error as e:
        failed(e)
    timer.join()
    say(c.execute("SELECT 1").fetchone())


async def on_a_loop():
    c = await psycopg.AsyncConnection.connect(autocommit=True, row_factory=dict_row)
    async with c:
        cursor = await c.execute("SELECT id, name FROM items WHERE id = ANY(%s) ORDER BY id", [[1, 2, 3]])
        say(await cursor.fetchall())


# What it warns of depends on how much of an answer has arrived when a pipeline is left.
logging.getLogger("psycopg").setLevel(logging.ERROR)
with psycopg.connect(autocommit=True) as connection:
    for how in ({}, {"binary": True}, {"prepare": True}, {"prepare": False}):
        say("--", how)
        statements(connection, **how)
    with psycopg.ClientCursor(connection) as client_side:
        say(client_side.execute("SELECT %s, %s", ["x'y", 5]).fetchone())
    for part in (special, pipelines, cursors, transactions, asynchronous):
        say("--", part.__name__)
        part(connection)
asyncio.run(on_a_loop())
for wrong in ({"password": "wrong"}, {"options": "-c no_such=1"}, {"options": "-c statement_timeout=4s"}, {"client_encoding": "latin1"}, {"application_name": "x"}):
    try:
        with psycopg.connect(**wrong) as connection:
            say(connection.execute("SELECT current_setting('statement_timeout'), current_setting('client_encoding'), current_setting('application_name')").fetchone())
    except psycopg.Error as error:
        tell(error, error.sqlstate)
with psycopg.connect() as ends:
    try:
        ends.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except psycopg.Error as error:
        failed(error)
        say(ends.closed, ends.broken)
