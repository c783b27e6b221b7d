import io, select, threading

import psycopg2, psycopg2.extensions, psycopg2.extras

from common import FAILING, STATEMENTS, say, tell

c = psycopg2.connect("")
c.autocommit = True
say(c.server_version, c.encoding, c.get_parameter_status("TimeZone"), c.info.ssl_in_use, c.protocol_version)
psycopg2.extras.register_uuid(c)
with c.cursor() as cursor:
    for sql, parameters in STATEMENTS:
        cursor.execute(sql, parameters)
        say(cursor.statusmessage, cursor.rowcount, [tuple(d[:6]) for d in cursor.description or ()])
        for row in cursor.fetchall() if cursor.description else ():
            say(" ", row)
    for sql in FAILING:
        try:
            cursor.execute(sql)
        except psycopg2.Error as e:
            tell(e, e.pgcode)
            say(e.diag.severity_nonlocalized, e.diag.statement_position, e.diag.source_function)
    psycopg2.extras.execute_values(cursor, "INSERT INTO scratch VALUES %s", [(n, f"v{n}") for n in range(300)], page_size=70)
    psycopg2.extras.execute_batch(cursor, "UPDATE scratch SET b = %s WHERE a = %s", [(f"u{n}", n) for n in range(50)])
    out = io.StringIO()
    cursor.copy_expert("COPY scratch TO STDOUT CSV", out)
    say(len(out.getvalue()))
    cursor.copy_expert("COPY scratch FROM STDIN CSV", io.StringIO(out.getvalue()))
    say(cursor.rowcount)
    try:
        cursor.copy_expert("COPY scratch FROM STDIN", io.StringIO("x\ty\n"))
    except psycopg2.Error as e:
        tell(e, e.pgcode)
    cursor.execute("TRUNCATE scratch")
    cursor.execute("SELECT tell('x')")
    say(len(c.notices))
    cursor.execute("LISTEN here; NOTIFY here, 'x'")
    select.select([c], [], [], 5)
    c.poll()
    say([(n.channel, n.payload, n.pid == c.info.backend_pid) for n in c.notifies])
    timer = threading.Timer(0.3, c.cancel)
    timer.start()
    try:
        cursor.execute("SELECT pg_sleep(20)")
    except psycopg2.Error as e:
        tell(e, e.pgcode)
    timer.join()
c.autocommit = False
with c, c.cursor("named") as cursor:
    cursor.itersize = 7
    cursor.execute("SELECT id, name FROM items ORDER BY id")
    say([row[0] for row in cursor])
with c, c.cursor("scrolled", scrollable=True) as cursor:
    cursor.execute("SELECT id FROM items ORDER BY id")
    cursor.scroll(20)
    say(cursor.fetchone())
    cursor.scroll(-10)
    say(cursor.fetchmany(3))
large = c.lobject(0, "wb")
large.write(b"large " * 50000)
large.close()
large = c.lobject(large.oid, "rb")
say(len(large.read()), large.seek(0), large.tell(), large.read(6))
large.unlink()
c.commit()
c.set_session(isolation_level="SERIALIZABLE", readonly=True, deferrable=True)
with c, c.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
    cursor.execute("SHOW transaction_isolation")
    say(cursor.fetchall())
c.reset()
c.tpc_begin(c.xid(1, "conformance2", "b"))
with c.cursor() as cursor:
    cursor.execute("INSERT INTO scratch VALUES (5)")
c.tpc_prepare()
c.tpc_rollback()
c.set_client_encoding("LATIN1")
with c.cursor() as cursor:
    cursor.execute("SELECT %s, chr(233)", ("é",))
    say(cursor.fetchone())
c.close()
green = psycopg2.connect("", async_=True)
psycopg2.extras.wait_select(green)
cursor = green.cursor()
cursor.execute("SELECT count(*) FROM items")
psycopg2.extras.wait_select(green)
say(cursor.fetchone())
