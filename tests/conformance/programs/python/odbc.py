import pyodbc

from common import CA, DATABASE, FAILING, HOST, PASSWORD, PORT, USER, say

DRIVER = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"
for extra in ("", "UseDeclareFetch=1;Fetch=7;", "UseServerSidePrepare=0;"):
    c = pyodbc.connect(f"Driver={DRIVER};Servername={HOST};Port={PORT};Database={DATABASE};UID={USER};PWD={{{PASSWORD}}};SSLmode=verify-full;{extra}", autocommit=True)
    say("--", extra, c.getinfo(pyodbc.SQL_DBMS_NAME), c.getinfo(pyodbc.SQL_DBMS_VER))
    cursor = c.cursor()
    for row in cursor.execute("SELECT id, name, price, made, tags, extra, seen FROM items WHERE id < ? ORDER BY id", 12):
        say(tuple(row))
    for row in cursor.execute("SELECT i2, i4, i8, f8, n, b, t, vc, c, by, d, ti, ts, u, jb, a, mo FROM kinds WHERE i2 > 0"):
        say(tuple(row))
    cursor.execute("INSERT INTO scratch VALUES (?, ?)", 1, "ä ' \\ 漢")
    say(cursor.rowcount, cursor.execute("SELECT * FROM scratch").fetchall())
    cursor.executemany("INSERT INTO scratch VALUES (?, ?)", [(n, str(n)) for n in range(30)])
    say(cursor.execute("{call add(1, 2)}").fetchall(), cursor.execute("SELECT {fn UCASE('x')}").fetchval())
    for table in ("items", "orders"):
        say([(r.column_name, r.type_name, r.column_size, r.nullable) for r in cursor.columns(table=table)])
        say([tuple(r) for r in cursor.primaryKeys(table=table)], [tuple(r) for r in cursor.foreignKeys(table=table)])
        say([tuple(r) for r in cursor.statistics(table=table)])
    say([tuple(r)[:4] for r in cursor.tables()], [r.procedure_name for r in cursor.procedures(schema="public")])
    say([tuple(r)[:3] for r in cursor.getTypeInfo()][:20])
    for sql in FAILING:
        try:
            cursor.execute(sql)
        except pyodbc.Error as e:
            say("error", type(e).__name__, e.args[0])
    c.autocommit = False
    cursor.execute("DELETE FROM scratch")
    c.rollback()
    say(cursor.execute("SELECT count(*) FROM scratch").fetchval())
    cursor.execute("TRUNCATE scratch")
    c.commit()
    c.close()
