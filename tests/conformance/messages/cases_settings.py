"""Settings that change what bytes mean, what pools send between two users of a session, and limits of time."""
from cases_extended import copy_in
from cases_simple import q
from frontend import Case, OpenOther, Query, READY, Until, message, once


def raw(sql):
    return message(b"Q", sql + b"\0")


LATIN1 = [Query("SET client_encoding = 'LATIN1'"), READY]
ENCODINGS = [
    Case("sjis", [Query("SET client_encoding = 'SJIS'"), READY, Query("SELECT '漢字'"), READY, raw("SELECT '日本語', length('日本語')".encode("shift_jis")), READY,
                  Query("RESET client_encoding"), READY, Query("SELECT 'é'"), READY]),
    Case("sjis, second byte a backslash", [Query("SET client_encoding = 'SJIS'"), READY, raw("SELECT '漢字ソ表能'".encode("shift_jis")), READY]),
    Case("latin1", LATIN1 + [raw("INSERT INTO scratch VALUES (1, 'é') RETURNING b, length(b)".encode("latin1")), READY, Query("SET client_encoding = 'UTF8'; SELECT b FROM scratch"), READY]),
    Case("latin1, bound", LATIN1 + [once("SELECT $1::text, length($1)", ["é".encode("latin1")]), READY, once("SELECT $1::text", ["é".encode("latin1")], formats=[1], results=[1]), READY]),
    Case("latin1, copied", LATIN1 + copy_in([b"1\t\xe9\n"]) + [Query("COPY scratch TO STDOUT"), READY, Query("RESET client_encoding"), READY, Query("SELECT b FROM scratch"), READY]),
    Case("latin1 has no such character", LATIN1 + [Query("SELECT t FROM kinds WHERE i2 = 32767"), READY, Query("SELECT chr(233)"), READY]),
    Case("copied with an encoding", copy_in([b"1\t\xe9\n"], sql="COPY scratch FROM STDIN (ENCODING 'LATIN1')") + [Query("COPY scratch TO STDOUT (ENCODING 'LATIN1')"), READY]),
    q("undone", "BEGIN", "SET LOCAL client_encoding = 'LATIN1'", "SELECT chr(233)", "ROLLBACK", "SELECT chr(233)"),
    Case("none", [Query("SET client_encoding = 'SQL_ASCII'"), READY, raw(b"SELECT '\xc3\xa9'"), READY, raw(b"SELECT '\xe9'"), READY]),
    q("utf8 by other names", "SET NAMES 'UTF8'", "SET client_encoding TO 'utf-8'", "SET client_encoding TO 'UNICODE'", "SELECT 'é'", "SHOW client_encoding", "SET client_encoding TO DEFAULT"),
    q("strings with backslashes", "SET standard_conforming_strings = off", "SELECT 'it\\'s'", "RESET standard_conforming_strings"),
]
RESETS = [
    q("npgsql", "SET TimeZone = 'UTC'; SELECT pg_advisory_lock(3)",
      "SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all();DISCARD SEQUENCES;DISCARD TEMP", "SHOW TimeZone"),
    q("asyncpg", "SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;"),
    q("roles", "RESET ROLE", "RESET SESSION AUTHORIZATION", "SELECT current_user, session_user"),
    q("another role", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres"),
    q("discard all in a transaction", "BEGIN; DISCARD ALL", "ROLLBACK", "ABORT"),
    q("one by one", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *", "SELECT pg_advisory_unlock_all()", "RESET ALL", "DISCARD PLANS"),
    q("reported often", *["SET application_name = '%063d'; SET TimeZone = 'Etc/GMT+%d'; SET DateStyle = 'SQL, MDY'; SET IntervalStyle = 'sql_standard'; RESET ALL" % (n, n % 12) for n in range(30)]),
    q("name too long", "SET application_name = '" + "ä" * 40 + "'", "SHOW application_name"),
]
WAITING = OpenOther("BEGIN; LOCK TABLE scratch")
TIMES = [
    Case("lock", [WAITING, Query("SET lock_timeout = '50ms'"), READY, Query("SELECT * FROM scratch"), READY, Query("INSERT INTO scratch VALUES (1)"), READY]),
    Case("statement, of a pipeline", [Query("SET statement_timeout = '50ms'"), READY, once("SELECT pg_sleep(20)") + once("SELECT 2"), Until("Z", 2)]),
    Case("transaction", [Query("SET transaction_timeout = '50ms'"), READY, Query("BEGIN"), READY, Until("end", 1)]),
    Case("idle in a failed transaction", [Query("SET idle_in_transaction_session_timeout = 50"), READY, Query("BEGIN; SELECT 1/0"), READY, Until("end", 1)]),
    Case("locked by another", [OpenOther("BEGIN; SELECT * FROM items WHERE id = 5 FOR UPDATE"), Query("SELECT id FROM items WHERE id < 7 ORDER BY id FOR UPDATE SKIP LOCKED"), READY,
                               Query("SELECT id FROM items WHERE id = 5 FOR UPDATE NOWAIT"), READY]),
    Case("not serializable", [Query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM scratch"), READY, OpenOther("UPDATE items SET name = name WHERE id = 6"),
                              Query("UPDATE items SET name = name WHERE id = 6"), READY, Query("ROLLBACK"), READY]),
]
GROUPS = {"encoding": ENCODINGS, "reset": RESETS, "timeout": TIMES}
