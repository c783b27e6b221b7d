"""The extended protocol: portals, pipelines, errors in the middle, COPY, function calls, malformed messages."""
import struct

from frontend import (Bind, Cancel, Case, ClosePortal, CloseStatement, CopyData, CopyDone, CopyFail, DescribePortal, DescribeStatement,
                      Execute, Flush, FunctionCall, Other, Parse, Query, READY, Sync, Terminate, Until, message, once, ready, text, unsynced)

FIVE = "SELECT g, 'row ' || g FROM generate_series(1, 5) g"
INT4, TEXT = 23, 25


def x(name, *steps):
    """Each step is sent on its own and answered by a ReadyForQuery."""
    return Case(name, [s for step in steps for s in (step, READY)])


def copy_in(rows, end=CopyDone, sql="COPY scratch FROM STDIN"):
    return [Query(sql), Until("G", 1), b"".join(CopyData(r) for r in rows) + end, READY]


EXTENDED = [
    x("select", once("SELECT $1::int + 1, $2::text", ["41", "x"])),
    x("binary", once("SELECT * FROM kinds ORDER BY i2", results=[1]), once("SELECT $1::int8, $2::bytea", [struct.pack("!q", 7), b"\0\xff"], formats=[1, 1], results=[1])),
    x("mixed formats", once("SELECT id, name, price FROM items WHERE id < $1", ["3"], results=[1, 0, 1])),
    x("null parameter", once("SELECT $1::int IS NULL, $2::text", [None, ""])),
    x("tenant's own", once("SELECT * FROM guarded WHERE id < $1", ["4"]), once("SELECT g.body, i.name FROM guarded g LEFT JOIN items i USING (id) WHERE i.id = $1", ["2"], results=[1])),
    x("empty", once(""), once("-- nothing"), Parse("") + DescribeStatement() + Sync),
    x("no result", once("INSERT INTO scratch VALUES ($1, $2)", ["1", None]), once("UPDATE scratch SET b = $1", ["u"]), once("BEGIN"), once("COMMIT")),
    x("types given", once("SELECT $1", ["1"], types=[INT4]), once("SELECT $1, $2", ["1", "2"], types=[0, TEXT]), once("SELECT $1", ["1"])),
    x("described", Parse("SELECT id, name FROM items WHERE id = $1 AND name <> $2", "s") + DescribeStatement("s") + Sync,
      Bind(["1", "x"], "p", "s") + DescribePortal("p") + Execute("p") + Sync, CloseStatement("s") + Sync, DescribeStatement("s") + Sync),
    x("described without result", Parse("DELETE FROM scratch WHERE a = $1") + DescribeStatement() + Sync, Parse("BEGIN", "b") + DescribeStatement("b") + Sync),
    x("named", Parse(FIVE, "s") + Sync, Bind(name="s") + Execute() + Sync, Bind(name="s") + Execute() + Bind(name="s") + Execute() + Sync,
      Parse(FIVE, "s") + Sync, CloseStatement("s") + Parse("SELECT 1", "s") + Sync, Query("DEALLOCATE s"), Bind(name="s") + Sync),
    x("deallocated", Parse("SELECT 1", "a") + Parse("SELECT 2", "b") + Sync, once("DEALLOCATE a"), Bind(name="a") + Sync, Bind(name="b") + Execute() + Sync,
      once("DISCARD ALL"), Bind(name="b") + Sync),
    x("unnamed goes", Parse("SELECT 1") + Sync, Bind() + Execute() + Sync, Query("SELECT 2"), Bind() + Execute() + Sync),
    x("unnamed fails", Parse("SELECT 1") + Sync, Parse("SELEC") + Sync, Bind() + Sync),
    x("prepared changes", Parse("SELECT * FROM scratch LIMIT 1", "s") + Bind(name="s") + Execute() + Sync, Query("ALTER TABLE scratch ADD z int"), Bind(name="s") + Execute() + Sync,
      Query("ALTER TABLE scratch DROP z")),
    x("close what is not there", CloseStatement("nothing") + ClosePortal("nothing") + Sync),
    x("several commands", Parse("SELECT 1; SELECT 2") + Sync, once("SELECT 1; "), once(";")),
    x("cursor by name", once("BEGIN"), once("DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id"), DescribePortal("c") + Execute("c", 2) + Sync, once("FETCH 2 FROM c"), once("COMMIT")),
    x("wrong parameters", Parse("SELECT $1::int") + Bind([]) + Sync, Parse("SELECT $1::int") + Bind(["1", "2"]) + Sync, once("SELECT $1::int", ["x"]),
      once("SELECT $1::int", [b"\1"], formats=[1]), once("SELECT $1::text", [b"\xff\xfe"]), Parse("SELECT 1") + Bind(formats=[0, 1]) + Sync, Parse("SELECT 1") + Bind(results=[0, 1]) + Sync,
      once("SELECT $1::text", ["x"], formats=[7])),
    x("large parameter", once("SELECT length($1)", ["x" * 8_000_000]), once("SELECT length($1), md5($1)", [b"y" * 3_000_000], types=[17], formats=[1], results=[1])),
    x("many parameters", once("SELECT count(*) FROM items WHERE id IN (" + ", ".join(f"${n}::int" for n in range(1, 2001)) + ")", ["1"] * 2000)),
    x("long sum", once("SELECT " + " + ".join(f"${n}::int" for n in range(1, 2001)), ["1"] * 2000)),
    x("notices", once("SELECT tell($1)", ["x"]), once("COMMIT")),
    x("settings", once("SET application_name = 'extended'"), once("SHOW application_name"), once("RESET ALL")),
    x("returning", once("INSERT INTO scratch VALUES ($1) RETURNING *", ["9"], results=[1]), once("UPDATE items SET name = name WHERE id = $1 RETURNING id", ["3"])),
    x("errors", once("SELECT nothing_there"), once("SELECT 1/$1::int", ["0"]), once("INSERT INTO items (id, name) VALUES ($1, 'double')", ["1"])),
]
PORTALS = [
    x("limit", once(FIVE, rows=2)),
    x("suspended", Query("BEGIN"), Parse(FIVE) + Bind(portal="p") + DescribePortal("p") + Execute("p", 2) + Sync, Execute("p", 2) + Sync, Execute("p", 2) + Sync,
      Execute("p", 2) + Sync, ClosePortal("p") + Sync, Execute("p") + Sync, Query("ROLLBACK")),
    x("limit is all", Query("BEGIN"), Parse(FIVE) + Bind(portal="p") + Execute("p", 5) + Execute("p", 5) + Sync, Query("COMMIT")),
    x("interleaved", Query("BEGIN"), Parse(FIVE, "s") + Bind(portal="a", name="s") + Bind(portal="b", name="s") + Execute("a", 1) + Execute("b", 3) + Execute("a", 3)
      + Execute("b") + Execute("a") + Sync, Query("COMMIT")),
    x("same name", Query("BEGIN"), Parse(FIVE) + Bind(portal="p") + Bind(portal="p") + Sync, Query("ROLLBACK")),
    x("gone with the transaction", Parse(FIVE) + Bind(portal="p") + Execute("p", 1) + Sync, Execute("p", 1) + Sync),
    x("of no rows", Parse("SELECT 1 WHERE false") + Bind() + Execute(rows=1) + Execute(rows=1) + Sync),
    x("of a write", once("INSERT INTO scratch SELECT g FROM generate_series(1, 5) g RETURNING a", rows=2)),
    x("again", Parse("INSERT INTO scratch VALUES (99)") + Bind(portal="p") + Execute("p") + Execute("p") + Sync),
    x("fetched in small pieces", Query("BEGIN"), Parse("SELECT id, payload FROM big ORDER BY id") + Bind(portal="p") + Sync, *[Execute("p", 50) + Sync] * 11, Query("COMMIT")),
    x("survives a savepoint", Query("BEGIN; SAVEPOINT a"), Parse(FIVE) + Bind(portal="p") + Execute("p", 1) + Sync, Query("ROLLBACK TO a"), Execute("p", 1) + Sync, Query("ROLLBACK")),
]
PIPELINES = [
    x("pipeline", b"".join(unsynced("SELECT $1::int", [str(n)]) for n in range(20)) + Sync),
    Case("several syncs", [b"".join(once("SELECT $1::int", [str(n)]) for n in range(20)), ready(20)]),
    x("error in the middle", unsynced("SELECT 1") + unsynced("SELECT 1/0") + unsynced("SELECT 3") + Sync, once("SELECT 4")),
    Case("error, then another segment", [unsynced("SELECT 1") + unsynced("SELEC") + unsynced("SELECT 3") + Sync + once("SELECT 4") + once("SELECT nothing_there") + once("SELECT 6"), ready(4)]),
    x("implicit transaction undone", unsynced("INSERT INTO scratch VALUES (500)") + unsynced("SELECT 1/0") + Sync, once("SELECT count(*) FROM scratch WHERE a = 500")),
    x("implicit transaction kept", unsynced("INSERT INTO scratch VALUES (501)") + unsynced("SELECT 1") + Sync, once("SELECT count(*) FROM scratch WHERE a = 501")),
    x("explicit transaction fails", unsynced("BEGIN") + unsynced("SELECT 1/0") + unsynced("COMMIT") + Sync, once("SELECT 1"), once("ROLLBACK")),
    x("everything is skipped", Parse("SELEC") + Bind() + DescribePortal() + Execute() + CloseStatement("s") + Flush + Parse("SELECT 1", "later") + Sync, Bind(name="later") + Sync),
    x("simple query while skipping", Parse("SELEC") + Sync, Query("SELECT 1")),
    Case("query is skipped too", [Parse("SELEC") + Query("SELECT 1") + Sync, READY, Query("SELECT 2"), READY]),
    x("names in a failed segment", Parse("SELECT 1", "kept") + Parse("SELEC", "bad") + Parse("SELECT 2", "skipped") + Sync, Bind(name="kept") + Execute() + Sync, Bind(name="skipped") + Sync),
    Case("flush", [Parse("SELECT 7", "s") + DescribeStatement("s") + Flush, Until("T", 1), Bind(name="s") + Execute() + Flush, Until("C", 1), Sync, READY]),
    Case("flush without anything", [Flush + Flush + Sync + Sync, ready(2)]),
    Case("flush after an error", [Parse("SELEC") + Flush, Until("E", 1), Bind() + Execute() + Flush + Sync, READY]),
    Case("simple and extended", [Query("SELECT 1") + once("SELECT 2") + Query("SELECT 3; SELECT 4") + once("SELECT 5"), ready(4)]),
    Case("long pipeline", [b"".join(once("SELECT $1::int, repeat('x', 100)", [str(n)]) for n in range(1500)), ready(1500)]),
    Case("cancelled", [unsynced("SELECT pg_sleep(30)") + unsynced("SELECT 2") + Flush, Cancel(), Until("E", 1), Sync, READY]),
    Case("notified in a pipeline", [Query("LISTEN here"), READY, unsynced("SELECT 1") + unsynced("NOTIFY here, 'x'") + Sync + once("SELECT 2"), ready(2)]),
    x("vacuum in a pipeline", unsynced("SELECT 1") + unsynced("VACUUM scratch") + Sync, once("VACUUM scratch")),
]
COPY = [
    x("out", Query("COPY items TO STDOUT"), Query("COPY (SELECT id, name FROM items WHERE id < 4) TO STDOUT (FORMAT csv, HEADER)"), Query("COPY kinds TO STDOUT (FORMAT binary)")),
    x("out, tenant's own", Query("COPY guarded TO STDOUT"), Query("COPY guarded (id, body) TO STDOUT CSV")),
    x("out, extended", once("COPY items TO STDOUT"), unsynced("SELECT 1") + unsynced("COPY orders TO STDOUT") + unsynced("SELECT 2") + Sync),
    x("out, among others", Query("SELECT 1; COPY items TO STDOUT; SELECT 2")),
    x("out fails", Query("COPY (SELECT 1/(id - 30) FROM items ORDER BY id) TO STDOUT"), Query("COPY nothing_there TO STDOUT")),
    x("out, large", Query("COPY (SELECT id, repeat(payload, 20) FROM big) TO STDOUT")),
    Case("in", copy_in([b"1\tone\n", b"2\t\\N\n3\tth", b"ree\n"]) + [Query("SELECT count(*) FROM scratch"), READY]),
    Case("in, end mark", copy_in([b"1\tone\n\\.\n"])),
    Case("in, nothing", copy_in([])),
    Case("in, csv", copy_in([b'a,b\n1,"x, y"\n'], sql="COPY scratch FROM STDIN (FORMAT csv, HEADER)")),
    Case("in, binary", copy_in([b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hiii", 2, 4, 5, 3) + b"bin" + b"\xff\xff"], sql="COPY scratch FROM STDIN BINARY")),
    Case("in fails at a row", copy_in([b"1\tone\n", b"x\ttwo\n", b"3\tthree\n"]) + [Query("SELECT 1"), READY]),
    Case("in, given up", copy_in([b"1\tone\n"], CopyFail("changed my mind")) + [Query("SELECT 1"), READY]),
    Case("in, extended", [unsynced("COPY scratch FROM STDIN"), Flush, Until("G", 1), CopyData(b"1\tx\n") + CopyDone + Sync, READY]),
    Case("in, extended, with its sync", [once("COPY scratch FROM STDIN"), Until("G", 1), CopyData(b"1\tx\n") + CopyDone + Sync, READY, Query("SELECT 1"), READY]),
    Case("in, extended, fails", [once("COPY scratch FROM STDIN"), Until("G", 1), CopyData(b"x\tx\n") + CopyData(b"1\tx\n") + CopyDone + Sync, READY, Query("SELECT 1"), READY]),
    Case("in, among others", [Query("SELECT 1; COPY scratch FROM STDIN; SELECT 2"), Until("G", 1), CopyData(b"1\tx\n") + CopyDone, READY]),
    Case("in, flushed and synced inside", [Query("COPY scratch FROM STDIN"), Until("G", 1), Flush + Sync + CopyData(b"1\tx\n") + Sync + CopyDone, READY, Query("SELECT 1"), READY]),
    Case("in, another message inside", [Query("COPY scratch FROM STDIN"), Until("G", 1), CopyData(b"1\tx\n") + Query("SELECT 1"), READY, Query("SELECT 2"), READY]),
    Case("in, large", copy_in([b"%d\t%s\n" % (n, b"z" * 1000) for n in range(3000)])),
    Case("in, cancelled", [Query("COPY scratch FROM STDIN"), Until("G", 1), CopyData(b"1\tx\n"), Cancel(), CopyDone, READY]),
    Case("data outside", [CopyData(b"x") + CopyDone + CopyFail("x") + Query("SELECT 1"), READY]),
    x("to a file", Query("COPY items TO '/nowhere/at all'"), Query("COPY items FROM PROGRAM 'true'")),
]
FUNCTIONS = [
    x("abs", FunctionCall(1397, [b"-5"]), FunctionCall(1397, [struct.pack("!i", -5)], formats=[1], result=1)),
    x("null", FunctionCall(1397, [None])),
    x("wrong", FunctionCall(999999999), FunctionCall(1397, []), FunctionCall(1397, [b"x"])),
    Case("in a pipeline", [once("SELECT 1") + FunctionCall(1397, [b"-7"]) + Query("SELECT 2"), ready(3)]),
]
MALFORMED = [
    Case("unknown type", [message(b"z", b"abc"), Until("end", 1)]),
    Case("length too short", [b"Q\0\0\0\3", Until("end", 1)]),
    Case("query without its end", [message(b"Q", b"SELECT 1"), Until("Z", 1)]),
    Case("query with more", [message(b"Q", b"SELECT 1\0x"), Until("Z", 1)]),
    Case("bytes after sync", [message(b"S", b"x"), Until("Z", 1)]),
    Case("describe of what", [message(b"D", b"X\0") + Sync, READY]),
    Case("bind cut short", [message(b"B", b"\0\0\0\0\0\1\0\0\0\5ab") + Sync, READY]),
    Case("startup again", [struct.pack("!II", 8, 80877103), Until("end", 1)]),
    Case("invalid text", [message(b"Q", b"SELECT '\xff'\0"), READY]),
    Case("goodbye in the middle", [Parse("SELECT 1") + Terminate, Until("end", 1)]),
    Case("parse of nothing", [message(b"P", text("")), Sync, READY]),
    Case("nobody waits", [Query("SELECT 1"), READY, Other("SELECT 1"), Query("SELECT 2"), READY]),
]
GROUPS = {"extended": EXTENDED, "portal": PORTALS, "pipeline": PIPELINES, "copy": COPY, "function": FUNCTIONS, "malformed": MALFORMED}
