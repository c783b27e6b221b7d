"""Corners that drivers and tools do reach: cursors by protocol, COPY that goes wrong, cancels, notifications, odd names."""
import struct

from cases_extended import FIVE, INT4, copy_in, x
from cases_simple import q
from frontend import (Bind, Cancel, Case, ClosePortal, CloseStatement, CopyData, CopyDone, CopyFail, DescribePortal, DescribeStatement, Execute,
                      Flush, FunctionCall, Other, Parse, Query, READY, Sync, Until, message, once, ready, unsynced)

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY = "COPY scratch FROM STDIN BINARY"
CURSORS = [
    x("held", once("BEGIN"), once("DECLARE c CURSOR WITH HOLD FOR SELECT id FROM items ORDER BY id"), once("COMMIT"), Execute("c", 2) + Sync, DescribePortal("c") + Sync, once("FETCH 2 FROM c"), ClosePortal("c") + Sync),
    x("of a function", Query("CREATE FUNCTION opened() RETURNS refcursor LANGUAGE plpgsql AS 'DECLARE r refcursor := ''rc''; BEGIN OPEN r FOR SELECT id FROM items ORDER BY id; RETURN r; END'"),
      Query("BEGIN"), once("SELECT opened()"), once('FETCH 2 IN "rc"'), Execute("rc", 2) + Sync, Query("COMMIT"), Query("DROP FUNCTION opened")),
    x("of utility statements", once("SHOW DateStyle", results=[1]), once("EXPLAIN (COSTS off) SELECT 1"), once("PREPARE e AS SELECT id FROM items WHERE id < 3 ORDER BY id"), once("EXECUTE e"), once("EXECUTE e", rows=1, results=[1])),
    x("limit below nothing", Parse(FIVE) + Bind() + Execute(rows=0x80000000) + Sync),
    x("called with out", Query("CREATE PROCEDURE both(INOUT a int, OUT b text) LANGUAGE plpgsql AS 'BEGIN a := a + 1; b := ''x''; END'"), Query("CALL both(1, NULL)"),
      once("CALL both($1, NULL)", [struct.pack("!i", 4)], formats=[1], results=[1]), Query("DROP PROCEDURE both")),
    x("called, and it commits", Query("CREATE PROCEDURE steps() LANGUAGE plpgsql AS 'BEGIN INSERT INTO scratch VALUES (1); COMMIT; INSERT INTO scratch VALUES (2); ROLLBACK; END'"), once("CALL steps()"),
      Query("BEGIN; CALL steps()"), Query("ROLLBACK"), Query("SELECT count(*) FROM scratch"), Query("DROP PROCEDURE steps")),
]
STATEMENTS = [
    x("two phases", unsynced("BEGIN") + unsynced("INSERT INTO scratch VALUES (1)") + unsynced("PREPARE TRANSACTION 'x1'") + Sync, once("COMMIT PREPARED 'x1'"), once("COMMIT PREPARED 'x1'")),
    x("columns come and go", Parse("SELECT * FROM scratch", "s") + Sync, Query("ALTER TABLE scratch ADD z int"), Bind(name="s") + Execute() + Sync, Query("ALTER TABLE scratch DROP z"), Bind(name="s") + Execute() + Sync),
    x("most parameters", once("SELECT 1 WHERE $1::int IN (" + ",".join(f"${n}" for n in range(2, 65536)) + ")", ["1"] * 65535)),
    x("odd parameters", Parse("SELECT $65536::int") + Sync, Parse("SELECT $65535::int") + DescribeStatement() + Sync, Parse("SELECT $0::int") + Sync, Parse("SELECT $2::int, $2") + DescribeStatement() + Sync),
    x("odd types", Parse("SELECT $1", types=[999999]) + Sync, Parse("SELECT 1", types=[INT4]) + DescribeStatement() + Sync, once("SELECT 1", [], types=[INT4]), once("SELECT 1", ["5"], types=[INT4])),
    x("in a failed transaction", once("BEGIN"), Parse("ROLLBACK", "r") + Sync, once("SELECT 1/0"), Parse("SELECT 1", "a") + Sync, once(""), CloseStatement("x") + Sync, DescribeStatement("r") + Sync, Bind(name="r") + Execute() + Sync),
    x("savepoints in a pipeline", b"".join(map(unsynced, ("BEGIN", "SAVEPOINT a", "INSERT INTO scratch VALUES (1)", "ROLLBACK TO a", "RELEASE a", "COMMIT"))) + Sync, once("SELECT count(*) FROM scratch")),
    x("commit in a pipeline", unsynced("INSERT INTO scratch VALUES (1)") + unsynced("COMMIT") + unsynced("SELECT 1/0") + Sync, once("SELECT count(*) FROM scratch")),
    x("formats for no rows", Parse("INSERT INTO scratch VALUES (1)") + Bind(results=[1]) + DescribePortal() + Execute() + Sync),
    x("long names", Parse("SELECT 1", "s" * 5000) + Sync, Bind(name="s" * 5000, portal="p" * 5000) + Execute("p" * 5000) + Sync, CloseStatement("s" * 5000) + Sync),
    x("odd names", Parse("SELECT 1", "ü \n'\"") + Sync, Bind(name="ü \n'\"", portal="''") + Execute("''") + Sync, Query("EXECUTE \"ü \n'\"\"\"")),
    Case("many names", [b"".join(Parse(f"SELECT {n}", f"s{n}") for n in range(500)) + Sync, READY, b"".join(Bind(name=f"s{n}") + Execute() for n in range(0, 500, 7)) + Sync, READY,
                        b"".join(CloseStatement(f"s{n}") + ClosePortal(f"p{n}") for n in range(500)) + Sync, READY, Bind(name="s7") + Sync, READY]),
    q("of a replication", "IDENTIFY_SYSTEM", "START_REPLICATION 0/0"),
    q("of a server", "COPY scratch FROM '/etc/passwd'", "SELECT pg_read_file('x')", "ALTER SYSTEM SET work_mem = '1MB'", "LOAD 'x'", "SELECT lo_import('/etc/passwd')"),
    q("own activity", "SELECT state FROM pg_stat_activity WHERE pid = pg_backend_pid()", "SELECT pg_is_in_recovery(), pg_postmaster_start_time() < now()"),
]
COPIES = [
    Case("frozen", [Query("BEGIN; TRUNCATE scratch"), READY] + copy_in([b"1\tone\n"], sql="COPY scratch FROM STDIN (FREEZE)") + [Query("COMMIT"), READY] + copy_in([b"1\tone\n"], sql="COPY scratch FROM STDIN (FREEZE)")),
    Case("options", copy_in([b"a|b\n1|NIX\n2|'x|y'\n"], sql="COPY scratch FROM STDIN WITH (FORMAT csv, HEADER match, DELIMITER '|', NULL 'NIX', QUOTE '''', FORCE_NOT_NULL (b))")),
    Case("only some rows", copy_in([b"1;2\n6;7\n"], sql="COPY scratch (a, b) FROM STDIN DELIMITER ';' WHERE a > 5")),
    Case("old words", copy_in([b"1,2\n"], sql="COPY scratch FROM STDIN WITH CSV") + copy_in([b"1,2\n"], sql="COPY scratch FROM STDIN DELIMITERS ','")),
    Case("wrong in the middle", copy_in([b"1\ta\n" * 5000, b"bad\tb\n", b"2\tc\n" * 5000]) + copy_in([b"1\ta\n"]) + [Query("SELECT count(*) FROM scratch"), READY]),
    Case("wrong columns", copy_in([b"1\ta\tb\n"]) + copy_in([b"1\n"]) + copy_in([b"\n"])),
    Case("ends of lines", copy_in([b"1\ta"]) + copy_in([b"1\ta\r\n2\tb\r\n"]) + copy_in([b"1\ta\r\n2\tb\n"]) + copy_in([b"1\t\\x41\\101\\\n\n"])),
    Case("binary, wrong", copy_in([HEADER + struct.pack("!hiii", 2, 2, 5, 3) + b"bin" + b"\xff\xff"], sql=BINARY) + copy_in([b"nonsense"], sql=BINARY) + copy_in([HEADER], sql=BINARY)),
    Case("constraints", copy_in([b"1\t1\t\\N\n9999\t1\t\\N\n"], sql="COPY orders (item_id, amount, note) FROM STDIN") + copy_in([b"1\t0\t\\N\n"], sql="COPY orders (item_id, amount, note) FROM STDIN")),
    Case("wrong in a transaction", [Query("BEGIN"), READY] + copy_in([b"x\n"]) + [Query("COPY scratch TO STDOUT"), READY, Query("COMMIT"), READY]),
    Case("in a pipeline", [unsynced("SELECT 1") + unsynced("COPY scratch FROM STDIN") + Flush, Until("G", 1), CopyData(b"1\tx\n") + CopyDone + unsynced("SELECT count(*) FROM scratch") + Sync, READY]),
    Case("twice in a string", [Query("COPY scratch FROM STDIN; COPY scratch FROM STDIN; SELECT 1"), Until("G", 1), CopyData(b"1\tx\n") + CopyDone, Until("G", 1), CopyFail("no"), READY, Query("SELECT count(*) FROM scratch"), READY]),
    Case("out, cancelled", [Query("COPY (SELECT pg_sleep(30)) TO STDOUT"), Cancel(), READY, Query("SELECT 1"), READY]),
]
CANCELS = [
    Case("twice", [Query("SELECT pg_sleep(30)"), Cancel(), READY, Cancel(), Cancel(), Query("SELECT pg_sleep(30)"), Cancel(), READY]),
    Case("with more behind it", [Query("SELECT pg_sleep(30)") + Query("SELECT 2") + once("SELECT 3"), Cancel(), ready(3)]),
    Case("a portal", [Query("BEGIN"), READY, Parse("SELECT CASE WHEN g = 3 THEN pg_sleep(30)::text ELSE 'x' END FROM generate_series(1, 5) g") + Bind(portal="p") + Execute("p", 2) + Sync, READY,
                      Execute("p", 2) + Sync, Cancel(), READY, Query("ROLLBACK"), READY]),
]
NOTIFICATIONS = [
    Case("wait for the end of a transaction", [Query("LISTEN here"), READY, Query("BEGIN"), READY, Other("NOTIFY here, 'waits'"), Query("SELECT 1"), READY, Query("COMMIT"), Until("A", 1), Query("SELECT 1"), READY]),
    q("twice the same", "LISTEN here; LISTEN \"Other One\"", "NOTIFY here, 'a'; NOTIFY here, 'a'; NOTIFY \"Other One\", ''", "UNLISTEN here", "NOTIFY here, 'a'"),
    q("largest", "LISTEN here", "NOTIFY here, '" + "x" * 7999 + "'", "NOTIFY here, '" + "x" * 8000 + "'"),
    q("listening undone", "BEGIN; LISTEN here; ROLLBACK", "NOTIFY here"),
    q("channels", "LISTEN here", "SELECT pg_listening_channels()"),
]
MALFORMED = [
    Case("length below nothing", [b"Q\xff\xff\xff\xff", Until("end", 1)]),
    Case("length of 2 GB", [b"Q\x7f\xff\xff\xff", Until("end", 1)]),
    Case("a password again", [message(b"p", b"x\0"), Until("end", 1)]),
    Case("a cancel again", [struct.pack("!IIII", 16, 80877102, 1, 2), Until("end", 1)]),
    Case("syncs", [Sync * 50 + Flush * 50 + Sync, ready(51)]),
    Case("functions", [FunctionCall(877, [b"abc", b"1", b"2"]) + FunctionCall(1397, [b"x"]) + Query("SELECT 1"), ready(3)]),
]
OWN = "aaaaaaaa-0000-4000-8000-000000000001"  # the tenant of the session; RETURNING, WHERE and rows name it
INTO = "COPY guarded FROM STDIN"
GUARDED = [
    Case("copied", copy_in([f"200\t{OWN}\tx\n".encode()], sql=INTO) + [Query("DELETE FROM guarded WHERE id = 200"), READY]),
    Case("copied, csv", copy_in([f'id,tenant_id,body\n200,{OWN},"x\ny"\n'.encode()], sql=INTO + " (FORMAT csv, HEADER)") + [Query("SELECT body FROM guarded WHERE id = 200; DELETE FROM guarded WHERE id = 200"), READY]),
    Case("copied, wrong", copy_in([f"200\t{OWN}\tx\nbad\t{OWN}\tx\n".encode()], sql=INTO) + copy_in([f"1\t{OWN}\tx\n".encode()], sql=INTO) + copy_in([f"200\t{OWN}\n".encode()], sql=INTO)
         + copy_in([f"200\t{OWN}\tx\n".encode()], CopyFail("no"), sql=INTO)),
    x("bound", Parse("SELECT * FROM guarded WHERE id = $1 AND tenant_id = $2", "s") + DescribeStatement("s") + Sync, *[
        Bind(values, name="s") + DescribePortal() + Execute() + Sync for values in (["1", OWN], ["x", OWN], ["1"], ["2", OWN])]),
    x("written", Parse("INSERT INTO guarded VALUES ($1, $2, $3) RETURNING id", "i") + DescribeStatement("i") + Sync, *[Bind(["300", OWN, "b"], name="i") + DescribePortal() + Execute() + Sync] * 2,
      once("DELETE FROM guarded WHERE id = $1", ["300"])),
    x("by portal", Query("BEGIN"), Parse("SELECT id, body FROM guarded ORDER BY id") + Bind(portal="p") + DescribePortal("p") + Execute("p", 3) + Sync, Execute("p", 3) + Flush + Execute("p", 1) + Sync,
      Query("FETCH 2 FROM p"), Query("MOVE 1 IN p"), Execute("p") + Sync, Query("COMMIT")),
    x("by cursor", Query("BEGIN"), Query("DECLARE c SCROLL CURSOR FOR SELECT id, body FROM guarded ORDER BY id"), Query("FETCH 3 FROM c"), Query("FETCH BACKWARD 2 FROM c"),
      Query("UPDATE guarded SET body = body WHERE CURRENT OF c"), Query("MOVE FORWARD ALL IN c"), Query("ROLLBACK")),
    x("positions of errors", *map(once, ("SELECT nothing_there FROM guarded", "SELECT g.nothing_there FROM guarded g", "SELECT body FROM guarded WHERE id = 'x'", "UPDATE guarded SET nothing_there = 1",
      "SELECT id FROM guarded GROUP BY body", "SELECT count(*) FROM guarded ORDER BY nothing_there", "SELECT body + 1 FROM guarded", "SELECT * FROM guarded WHERE body", "SELECT * FROM guarded LIMIT 'x'"))),
    q("whole rows", "SELECT g FROM guarded g WHERE id = 1", "SELECT to_json(g) FROM guarded g WHERE id = 1", "SELECT (g).body, count(g) FROM guarded g WHERE id = 1 GROUP BY 1", "TABLE guarded LIMIT 1"),
]
GROUPS = {"guarded": GUARDED, "cursor": CURSORS, "edge": STATEMENTS, "copied": COPIES, "cancel": CANCELS, "notification": NOTIFICATIONS, "odd": MALFORMED}
